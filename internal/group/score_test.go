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

// labeled is a message and the family that people say it is of.
type labeled struct{ Group, Message string }

// score says how well messages were grouped.
type score struct {
	ga   float64 // share of the messages whose group is exactly their family
	fga  float64 // the same for groups, as an F1
	many int     // groups too many: families that were split
	few  int     // groups too few: families that were joined, the worse error
}

// tracker follows groups through their merges.
type tracker struct {
	groups *group.Groups
	into   map[uint64]uint64
}

func newTracker() *tracker { return &tracker{group.New(), make(map[uint64]uint64)} }

func (k *tracker) of(r *record.Record) uint64 {
	id, merges := k.groups.Of(r)
	for _, m := range merges {
		k.into[m.From] = m.Into
	}
	return id
}

// now returns what has become of a group.
func (k *tracker) now(id uint64) uint64 {
	for into, ok := k.into[id]; ok; into, ok = k.into[id] {
		id = into
	}
	return id
}

// judge groups messages in their order and compares the groups with the families.
func judge(lines []labeled) score {
	k := newTracker()
	ids := make([]uint64, len(lines))
	for i, l := range lines {
		ids[i] = k.of(&record.Record{Level: record.Error, Message: l.Message})
	}
	families, groups := map[string]map[uint64]int{}, map[uint64]map[string]int{}
	for i, l := range lines {
		id := k.now(ids[i])
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
	messages, whole := 0, 0
	for _, family := range families {
		s.many += len(family) - 1
		for id, n := range family {
			if len(family) == 1 && len(groups[id]) == 1 {
				messages += n
				whole++
			}
		}
	}
	for _, g := range groups {
		s.few += len(g) - 1
	}
	s.ga = float64(messages) / float64(len(lines))
	s.fga = 2 * float64(whole) / float64(len(families)+len(groups))
	return s
}

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

// The families have look-alikes that were written to be joined. In whatever order they come, few may be.
func TestOf_Families(t *testing.T) {
	lines := families(t)
	for order := range uint64(6) {
		s := judge(lines)
		t.Logf("order %d: GA %.3f, FGA %.3f, %d groups too many, %d too few", order, s.ga, s.fga, s.many, s.few)
		if s.many > 170 || s.few > 3 {
			t.Errorf("order %d: %d groups too many and %d too few, want 170 and 3 at most", order, s.many, s.few)
		}
		rand.New(rand.NewPCG(order, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	}
}

// drain is Drain's published grouping accuracy, tuned for each sample (Zhu et al. 2019).
var drain = map[string]float64{"HDFS": .998, "Hadoop": .948, "Spark": .920, "Zookeeper": .967, "BGL": .963, "HPC": .887, "Thunderbird": .955, "Windows": .997,
	"Linux": .690, "Android": .911, "HealthApp": .780, "Apache": 1, "Proxifier": .527, "OpenSSH": .788, "OpenStack": .733, "Mac": .787}

// TestOf_Loghub measures the grouping on the labeled samples of Loghub-2k (https://github.com/logpai/loghub), which are not ours to copy. It
// reads *_2k.log_structured.csv from the folder that ELVA_LOGHUB names; without, it only says so.
func TestOf_Loghub(t *testing.T) {
	folder := os.Getenv("ELVA_LOGHUB")
	if folder == "" {
		t.Log("ELVA_LOGHUB names no folder with Loghub's samples: nothing measured")
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "*_2k.log_structured.csv"))
	if err != nil || len(files) != len(drain) {
		t.Fatalf("%d samples in %s, want %d: %v", len(files), folder, len(drain), err)
	}
	var mean score
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "_")
		s := judge(readSample(t, file))
		t.Logf("%-12s GA %.3f (Drain %.3f)  FGA %.3f  %3d too many, %d too few", name, s.ga, drain[name], s.fga, s.many, s.few)
		mean.ga += s.ga / float64(len(files))
		mean.fga += s.fga / float64(len(files))
		mean.many += s.many
		mean.few += s.few
	}
	t.Logf("mean         GA %.3f (Drain 0.865)  FGA %.3f  %d too many, %d too few", mean.ga, mean.fga, mean.many, mean.few)
	if mean.ga < .94 || mean.fga < .92 || mean.few > 25 {
		t.Errorf("GA %.3f, FGA %.3f, %d too few; want 0.94, 0.92 and 25", mean.ga, mean.fga, mean.few)
	}
}

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
