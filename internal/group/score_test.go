package group_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// labeled is a message with the group that people assigned.
type labeled struct{ Group, Message string }

// score is how well messages were grouped. A family is the messages that people assigned to one group.
type score struct {
	ga      float64 // grouping accuracy: share of the messages whose group is exactly their family
	fga     float64 // F1 score of the groups
	tooMany int     // families that were split
	tooFew  int     // families that were merged, which is worse
}

// tracker follows groups across merges.
type tracker struct {
	groups *group.Groups
	into   map[uint64]uint64
}

func newTracker() *tracker { return &tracker{group.New(), make(map[uint64]uint64)} }

func (k *tracker) group(r *record.Record) uint64 {
	id, merges := k.groups.ID(r)
	for _, m := range merges {
		k.into[m.From] = m.Into
	}
	return id
}

// current returns the group into which a group was merged, if it was.
func (k *tracker) current(id uint64) uint64 {
	for into, ok := k.into[id]; ok; into, ok = k.into[id] {
		id = into
	}
	return id
}

// evaluate groups messages in their order and compares the groups with the families.
func evaluate(lines []labeled) score {
	k := newTracker()
	ids := make([]uint64, len(lines))
	for i, l := range lines {
		ids[i] = k.group(&record.Record{Level: record.Error, Message: l.Message})
	}
	families, groups := map[string]map[uint64]int{}, map[uint64]map[string]int{}
	for i, l := range lines {
		id := k.current(ids[i])
		if families[l.Group] == nil {
			families[l.Group] = map[uint64]int{}
		}
		if groups[id] == nil {
			groups[id] = map[string]int{}
		}
		families[l.Group][id]++
		groups[id][l.Group]++
	}
	var s score
	messages, exact := 0, 0
	for _, family := range families {
		s.tooMany += len(family) - 1
		for id, n := range family {
			if len(family) == 1 && len(groups[id]) == 1 {
				messages += n
				exact++
			}
		}
	}
	for _, g := range groups {
		s.tooFew += len(g) - 1
	}
	s.ga = float64(messages) / float64(len(lines))
	s.fga = 2 * float64(exact) / float64(len(families)+len(groups))
	return s
}

// families returns the labeled messages in testdata.
func families(t testing.TB) []labeled {
	t.Helper()
	f, err := os.Open("testdata/families.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []labeled
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l labeled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

// TestID_Families groups messages of which many are deliberately similar, in different orders. Few families may be merged.
func TestID_Families(t *testing.T) {
	lines := families(t)
	for order := range uint64(6) {
		s := evaluate(lines)
		t.Logf("order %d: GA %.3f, FGA %.3f, %d groups too many, %d too few", order, s.ga, s.fga, s.tooMany, s.tooFew)
		if s.tooMany > 170 || s.tooFew > 3 {
			t.Errorf("order %d: %d groups too many and %d too few, want 170 and 3 at most", order, s.tooMany, s.tooFew)
		}
		rand.New(rand.NewPCG(order, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	}
}

// drain is Drain's published grouping accuracy, tuned for each sample (Zhu et al. 2019).
var drain = map[string]float64{"HDFS": .998, "Hadoop": .948, "Spark": .920, "Zookeeper": .967, "BGL": .963, "HPC": .887, "Thunderbird": .955, "Windows": .997,
	"Linux": .690, "Android": .911, "HealthApp": .780, "Apache": 1, "Proxifier": .527, "OpenSSH": .788, "OpenStack": .733, "Mac": .787}

// TestID_Loghub measures the grouping of the labeled samples of Loghub-2k (https://github.com/logpai/loghub), which can't be
// copied here. It reads *_2k.log_structured.csv from the folder ELVA_LOGHUB and does nothing without that.
func TestID_Loghub(t *testing.T) {
	folder := os.Getenv("ELVA_LOGHUB")
	if folder == "" {
		t.Log("nothing measured, since ELVA_LOGHUB is not set")
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "*_2k.log_structured.csv"))
	if err != nil || len(files) != len(drain) {
		t.Fatalf("%d samples in %s, want %d: %v", len(files), folder, len(drain), err)
	}
	var mean score
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "_")
		s := evaluate(readSample(t, file))
		t.Logf("%-12s GA %.3f (Drain %.3f)  FGA %.3f  %3d too many, %d too few", name, s.ga, drain[name], s.fga, s.tooMany, s.tooFew)
		mean.ga += s.ga / float64(len(files))
		mean.fga += s.fga / float64(len(files))
		mean.tooMany += s.tooMany
		mean.tooFew += s.tooFew
	}
	t.Logf("mean         GA %.3f (Drain 0.865)  FGA %.3f  %d too many, %d too few", mean.ga, mean.fga, mean.tooMany, mean.tooFew)
	if mean.ga < .94 || mean.fga < .92 || mean.tooFew > 25 {
		t.Errorf("GA %.3f, FGA %.3f, %d too few; want 0.94, 0.92 and 25", mean.ga, mean.fga, mean.tooFew)
	}
}

// readSample returns the labeled messages of a sample of Loghub.
func readSample(t *testing.T, file string) []labeled {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	content, event := slices.Index(rows[0], "Content"), slices.Index(rows[0], "EventId")
	var list []labeled
	for _, row := range rows[1:] {
		list = append(list, labeled{row[event], row[content]})
	}
	return list
}
