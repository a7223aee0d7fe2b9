package wire_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/wire"
)

// shopped returns a history with the records of a shop, some of them with odd fields. A part of it is packed.
func shopped(rng *rand.Rand, n int) *history.History {
	h := history.New(100_000, 4<<20, time.Millisecond)
	for i := range n {
		at := time.Now().Add(time.Duration(i-n) * 50 * time.Millisecond)
		payload := shopPayload(rng, i, at)
		r := record.Decode(payload)
		h.Append(at, history.Source{Channel: []string{"web", "jobs"}[rng.IntN(2)]}, payload, &r)
	}
	synctest.Wait()
	return h
}

func shopPayload(rng *rand.Rand, i int, at time.Time) string {
	host, id := fmt.Sprint("web-", rng.IntN(3)), fmt.Sprintf("%04x%04x", i/6+1, i/6*7919%65536)
	switch rng.IntN(12) {
	case 0:
		return fmt.Sprintf(`{"level":"ERROR","hostname":%q,"logger":"shop.cart","msg":"cart %d failed","request_id":%q,"exc_info":"Traceback (most recent call last):\n  File \"/srv/app/shop/cart.py\", line 31, in add\n    x()\nKeyError: 'A-%d'"}`, host, i, id, i)
	case 1:
		return fmt.Sprintf(`{"level":"warn","hostname":%q,"logger":"shop.pay","msg":"charge of %%s took %%d ms","args":["order-%d",%d],"request_id":%q,"took":%d}`, host, i, i%900, id, i%900)
	case 2:
		return []string{
			`{"msg":"odd","__proto__":"x","constructor":{"a":1},"x.y":{"z":[1,1,"1",1.0,null,true]},"A":"Ann","n":-0.0}`,
			`{"msg":"odd","a":"ANN","n":0,"odd key":"say \"hi\"","x":{"y.z":2},"größe":"ß"}`,
			`{"msg":"odd","a":"","n":0.5,"e":1e3,"t":"OR","v":"/a/","w":"a\nb"}`,
			`{"a":1}`, `plain text with 17 values`, `""`,
		}[rng.IntN(6)]
	}
	return fmt.Sprintf(`{"level":"info","hostname":%q,"logger":"shop.web","msg":"GET /orders/%d took %d ms","request_id":%q,"status":%d,"user":"u%d"}`, host, i, i%300, id, []int{200, 200, 200, 404, 500}[rng.IntN(5)], i%50)
}

var exploreFilters = []string{"", "level=warning", "level=none", "q=took", "q=cart+-level:info", "q=absent", "from=5m", "from=4m&to=100s", "host=web-1", "q=status=500", "channel=jobs", "q=odd&case=1", "q=odd", "from=9000-01-01T00:00:00Z"}

// answer returns the decoded answer of an endpoint.
func answer[T any](t *testing.T, h *history.History, query string) (list T) {
	t.Helper()
	code, lines := get(t, h, query)
	if code != 200 || len(lines) != 1 {
		t.Fatalf("%s: %d %q", query, code, lines)
	}
	if err := json.Unmarshal([]byte(lines[0]), &list); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}

// selected returns the number of records that a filter and another term select.
func selected(t *testing.T, h *history.History, f, term string) int {
	t.Helper()
	query := "records&" + f + "&q=" + url.QueryEscape(term)
	code, lines := get(t, h, query)
	if code != 200 {
		t.Fatalf("%s: %d %s", query, code, lines)
	}
	if lines[0] == "" {
		return 0
	}
	return len(lines)
}

func TestPatterns_CountsAreTheNumbersOfRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := shopped(rand.New(rand.NewPCG(1, 1)), 8000)
		defer h.Close()
		for _, f := range exploreFilters {
			list := answer[explore.PatternList](t, h, "patterns&"+f)
			sum := list.Others.Records
			for i, p := range list.Patterns {
				sum += p.Count
				if n := selected(t, h, f, "pattern:"+p.Pattern); n != p.Count {
					t.Errorf("%s: %d of pattern %s %q, and %d records", f, p.Count, p.Pattern, p.Text, n)
				}
				levels, trend := 0, 0
				for _, n := range p.Levels {
					levels += n
				}
				for _, n := range p.Trend {
					trend += n
				}
				if levels != p.Count || trend != p.Count || i > 0 && p.Count > list.Patterns[i-1].Count || p.WorkerCount < len(p.Workers) || p.Last.Before(p.First) {
					t.Errorf("%s: %+v", f, p)
				}
			}
			if all := selected(t, h, f, ""); sum != list.Records || sum != all || !list.Complete {
				t.Errorf("%s: patterns of %d records, %d, want %d", f, sum, list.Records, all)
			}
			short := answer[explore.PatternList](t, h, "patterns&limit=1&"+f)
			if len(list.Patterns) > 0 && (short.Others.Patterns != len(list.Patterns)-1 || short.Others.Records != list.Records-list.Patterns[0].Count) {
				t.Errorf("%s: %+v are not the others of %d patterns", f, short.Others, len(list.Patterns))
			}
		}
	})
}

func TestFacets_CountsAreTheNumbersOfRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := shopped(rand.New(rand.NewPCG(2, 2)), 3000)
		defer h.Close()
		for _, f := range exploreFilters {
			list := answer[explore.FacetList](t, h, "facets&"+f)
			if all := selected(t, h, f, ""); list.Records != all {
				t.Errorf("%s: facets of %d records, want %d", f, list.Records, all)
			}
			for _, facet := range list.Facets {
				for _, v := range facet.Values {
					if v.Filter == "" {
						t.Errorf("%s: no filter for %s %q", f, facet.Field, v.Value)
					} else if n := selected(t, h, f, v.Filter); n != v.Count {
						t.Errorf("%s: %d of %s, and %d records", f, v.Count, v.Filter, n)
					}
				}
			}
		}
	})
}

func TestFacets_Named(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := shopped(rand.New(rand.NewPCG(2, 2)), 3000)
		defer h.Close()
		list := answer[explore.FacetList](t, h, "facets&field=Status&field=host&field=absent&field=level&limit=2")
		var names []string
		for _, f := range list.Facets {
			names = append(names, f.Field)
		}
		if got := strings.Join(names, " "); got != "level host Status absent" {
			t.Fatalf("facets %s", got)
		}
		status := list.Facets[2]
		if len(status.Values) != 2 || status.Values[0].Value != "200" || status.Distinct != 3 || status.Number == nil || status.Number.Min != 200 || status.Number.Median != 200 || status.Number.Max != 500 ||
			status.Values[0].Count+status.Values[1].Count+status.Others != status.Present {
			t.Errorf("%+v", status)
		}
		if absent := list.Facets[3]; absent.Present != 0 || len(absent.Values) != 0 {
			t.Errorf("%+v", absent)
		}
	})
}

func TestOperations_AreTheThreadsOfRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := shopped(rand.New(rand.NewPCG(3, 3)), 3000)
		defer h.Close()
		list := answer[explore.OperationList](t, h, "operations")
		ids := make(map[string]bool)
		_, lines := get(t, h, "records&q=fields.request_id:*")
		for _, line := range lines {
			_, id, _ := strings.Cut(line, `"request_id":"`)
			ids[id[:8]] = true
		}
		if n := list.Counts.Running + list.Counts.Failed + list.Counts.Done; len(list.Operations) != 200 || n != len(ids) {
			t.Fatalf("%+v, %d listed, want %d", list.Counts, len(list.Operations), len(ids))
		}
		for _, o := range list.Operations[:20] {
			if _, lines := get(t, h, "records&id="+o.ID); len(lines) != o.Records {
				t.Errorf("%+v: %d records", o, len(lines))
			}
		}
	})
}

// TestOperations_NormalIsLearnedFromAllOfMemory has requests that took 200 ms, and in the last minutes two that take 5 s.
func TestOperations_NormalIsLearnedFromAllOfMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 4<<20, time.Millisecond)
		defer h.Close()
		say := func(ago time.Duration, id int, message string) {
			payload := fmt.Sprintf(`{"level":"info","hostname":"web-1","logger":"shop","msg":%q,"request_id":"7d2e91aa%04d"}`, message, id)
			r := record.Decode(payload)
			h.Append(time.Now().Add(-ago), history.Source{Channel: "web"}, payload, &r)
		}
		for i := range 42 {
			began, took := time.Hour-time.Duration(i)*time.Minute, 200*time.Millisecond
			if i >= 40 {
				began, took = time.Duration(50-i)*time.Minute, 5*time.Second
			}
			say(began, i, "POST /checkout")
			say(began-took, i, "checkout done")
		}
		synctest.Wait()
		list := answer[explore.OperationList](t, h, "operations")
		if len(list.Operations) != 2 || list.Operations[0].Normal != 200 || !list.Operations[0].Slow || list.Operations[0].State != "done" {
			t.Errorf("%+v", list)
		}
		list = answer[explore.OperationList](t, h, "operations&from=1970-01-01T00:00:00Z&id=7d2e91aa0003")
		if len(list.Operations) != 1 || list.Operations[0].Normal != 200 || list.Operations[0].State != "done" || list.Operations[0].Slow {
			t.Errorf("alone: %+v", list)
		}
	})
}

// TestOperations_NormalIsLearnedAgainSoon asks an Explorer when no operation has finished yet, and again some seconds later.
func TestOperations_NormalIsLearnedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 4<<20, time.Millisecond)
		defer h.Close()
		for i := range 20 {
			payload := fmt.Sprintf(`{"level":"info","hostname":"web-1","logger":"shop","msg":"POST /checkout","request_id":"7d2e91aa%04d"}`, i)
			r := record.Decode(payload)
			h.Append(time.Now(), history.Source{Channel: "web"}, payload, &r)
		}
		synctest.Wait()
		explorer := wire.NewExplorer()
		ask := func(query string) (list explore.OperationList) {
			r := httptest.NewRequest("GET", "/?"+query, nil)
			w := httptest.NewRecorder()
			request, err := wire.Accept(r)
			if err != nil {
				t.Fatal(err)
			}
			f, err := wire.ParseFilter(r.URL.RawQuery, &request, time.Now(), h.Stats().Oldest)
			if err != nil {
				t.Fatal(err)
			}
			explorer.Serve(wire.NewResponse(w, r), r, h, wire.NewSearch(h, f, r.Context().Done()), &request)
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
				t.Fatal(err)
			}
			return list
		}
		if list := ask("operations"); list.Counts.Running != 20 {
			t.Errorf("%+v", list.Counts)
		}
		time.Sleep(5 * time.Second)
		if list := ask("operations&id=7d2e91aa0003"); list.Counts.Done != 1 {
			t.Errorf("alone: %+v", list.Counts)
		}
	})
}

func TestChanges_NamesWhatIsNewAndItsRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 4<<20, time.Millisecond)
		defer h.Close()
		rng := rand.New(rand.NewPCG(4, 4))
		began := time.Now()
		for i := range 12_000 {
			at := began.Add(time.Duration(i-12_000) * 300 * time.Millisecond) // an hour
			payload := fmt.Sprintf(`{"level":"info","hostname":"web-%d","logger":"shop.web","msg":"GET /orders/%d took %d ms"}`, rng.IntN(3), i, i%300)
			if i > 10_000 && i%25 == 0 {
				payload = fmt.Sprintf(`{"level":"error","hostname":"web-1","logger":"shop.pay","msg":"charge of order %d refused","tenant":"acme"}`, i)
			}
			r := record.Decode(payload)
			h.Append(at, history.Source{Channel: "web"}, payload, &r)
		}
		synctest.Wait()
		for _, query := range []string{"changes", "changes&from=9m", "changes&from=9m&base-from=30m&base-to=15m", "changes&q=order", "changes&from=12m&to=2m"} {
			list := answer[explore.ChangeList](t, h, query)
			if len(list.Changes) == 0 || len(list.Changes) > 5 || list.Changes[0].Kind != "new-error" && list.Changes[0].Kind != "rate" || !strings.HasPrefix(list.Changes[0].Text, "charge of order … refused: ") || !list.Complete {
				t.Errorf("%s: %+v", query, list)
				continue
			}
			if _, lines := get(t, h, "records&"+list.Changes[0].Filter); float64(len(lines)) != list.Changes[0].Value {
				t.Errorf("%s: %v of %s, and %d records", query, list.Changes[0].Value, list.Changes[0].Filter, len(lines))
			}
			for name, r := range map[string]explore.RangeCount{"range": list.Range, "base": list.Base} {
				f, _ := url.ParseQuery(strings.TrimPrefix(query, "changes&"))
				if n := selected(t, h, "from="+url.QueryEscape(r.From.Format(time.RFC3339Nano))+"&to="+url.QueryEscape(r.To.Format(time.RFC3339Nano)), f.Get("q")); n != r.Records {
					t.Errorf("%s: the %s has %+v, and %d records", query, name, r, n)
				}
			}
		}
		for _, query := range []string{"changes&from=40m&to=30m", "changes&q=absent", "changes&from=2000-01-01T00:00:00Z&to=2000-01-02T00:00:00Z", "changes&from=1s&base-from=2s&base-to=2s"} {
			if list := answer[explore.ChangeList](t, h, query); len(list.Changes) > 0 {
				t.Errorf("%s: %+v", query, list.Changes)
			}
		}
	})
}

// TestExplore_HostileRequestsAndRecords makes impossible requests, and requests with large answers.
func TestExplore_HostileRequestsAndRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 32<<20, time.Millisecond)
		defer h.Close()
		for i := range 11_000 {
			payload := fmt.Sprintf(`{"level":"error","msg":"m","request_id":"id-%d","f%d":1,"long":%q,"__proto__":{"x":"y"}}`, i, i, strings.Repeat("x", 100_000*(i%1000/999)))
			r := record.Decode(payload)
			h.Append(time.Now(), history.Source{Channel: "c"}, payload, &r)
		}
		synctest.Wait()
		for _, c := range []struct {
			query string
			code  int
		}{
			{"patterns&limit=0", 400}, {"patterns&limit=1001", 400}, {"patterns&limit=x", 400}, {"patterns&limit=-1", 400}, {"patterns&field=x", 400}, {"patterns&nonsense=1", 400},
			{"patterns&from=1m&to=2m", 400}, {"patterns&from=nonsense", 400}, {"patterns&q=/(/", 400}, {"patterns&from=0001-01-01T00:00:00Z", 200}, {"patterns&from=999999999999999w", 200},
			{"facets&limit=0", 400}, {"facets&field=", 200}, {"facets&field=__proto__.x", 200}, {"facets&field=" + strings.Repeat("a", 5000), 200}, {"facets&field=%ff", 200}, {"facets&field=a%00b", 200},
			{"facets" + strings.Repeat("&field=f1&field=f2", 300), 200}, {"facets", 200}, {"operations", 200}, {"operations&limit=1", 400}, {"operations&from=1d", 200}, {"operations&from=", 200},
			{"changes&from=1m&to=2m", 400}, {"changes&base-from=1m&base-to=2m", 400}, {"changes&base-from=x", 400}, {"changes&base-from=1m", 200}, {"changes&from=2030-01-01T00:00:00Z", 200},
			{"changes&to=0001-01-01T00:00:00Z", 200}, {"changes&from=999999999999999w&base-from=999999999999999w", 200}, {"changes&base-to=-999999999999999w", 200}, {"changes&q=/(/", 400},
		} {
			code, lines := get(t, h, c.query)
			if code != c.code {
				t.Errorf("%.80s: %d %.200q, want %d", c.query, code, lines, c.code)
			}
			if size := len(strings.Join(lines, "")); size > 1<<20 {
				t.Errorf("%.80s: %d bytes", c.query, size)
			}
		}
		list := answer[explore.FacetList](t, h, "facets&field=long&field=__proto__.x&field=f7")
		if long := list.Facets[0]; list.Records != 11_000 || len(list.Facets) != 3 || long.Field != "__proto__.x" || long.Present != 11_000 {
			t.Errorf("%+v", list)
		}
		if all := answer[explore.FacetList](t, h, "facets"); len(all.Facets) > 210 || all.Skipped == 0 {
			t.Errorf("%d facets, %d skipped", len(all.Facets), all.Skipped)
		}
	})
}
