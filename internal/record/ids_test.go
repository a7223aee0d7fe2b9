package record_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

// The ids of twelve naming styles, and of none: want has kind:value of each id that joins a record to others. A payload with none has no id,
// though something looks like one.
var idCases = []struct {
	style, payload, want string
}{
	{"OpenTelemetry", `{"msg":"m","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"OpenTelemetry", `{"body":"m","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"OpenTelemetry", `{"message":"m","otelTraceID":"4bf92f3577b34da6a3ce929d0e0e4736","otelSpanID":"00f067aa0ba902b7","otelTraceSampled":true}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"OpenTelemetry", `{"message":"m","otelTraceID":"0","otelSpanID":"0"}`, ""},
	{"ECS", `{"message":"m","trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736"},"transaction":{"id":"00f067aa0ba902b7"},"span":{"id":"b7ad6b7169203331"}}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 transaction:00f067aa0ba902b7 span:b7ad6b7169203331"},
	{"ECS", `{"message":"m","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","transaction.id":"00f067aa0ba902b7"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 transaction:00f067aa0ba902b7"},
	{"Datadog", `{"message":"m","dd":{"trace_id":"5764607523034234882","span_id":"4611686018427387912","service":"web"}}`, "trace:5764607523034234882 span:4611686018427387912"},
	{"Datadog", `{"message":"m","dd.trace_id":5764607523034234882}`, "trace:5764607523034234882"},
	{"Google Cloud", `{"message":"m","logging.googleapis.com/trace":"projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"Google Cloud", `{"message":"m","logging.googleapis.com/operation":{"id":"op-17","first":true}}`, "request:op-17"},
	{"W3C", `{"message":"m","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736"},
	{"Zipkin", `{"message":"m","X-B3-TraceId":"463ac35c9f6413ad","X-B3-SpanId":"a2fb4a1d1a96d312"}`, "trace:463ac35c9f6413ad span:a2fb4a1d1a96d312"},
	{"AWS", `{"message":"m","xray_trace_id":"1-67891233-abcdef012345678912345678","requestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd"}`, "trace:1-67891233-abcdef012345678912345678 request:8476a536-e9f4-11e8-9739-2dfe598c3fcd"},
	{"AWS", `{"message":"m","aws_request_id":"8476a536-e9f4-11e8-9739-2dfe598c3fcd"}`, "request:8476a536-e9f4-11e8-9739-2dfe598c3fcd"},
	{"HTTP", `{"message":"m","request_id":"7d2e91aa"}`, "request:7d2e91aa"},
	{"HTTP", `{"message":"m","req":{"id":17,"method":"GET"}}`, "request:17"},
	{"HTTP", `{"message":"m","x-request-id":"7d2e91aa","x-correlation-id":"c-5"}`, "request:7d2e91aa request:c-5"},
	{"HTTP", `{"message":"m","RequestId":"0HMVD:00000002","ConnectionId":"0HMVD"}`, "request:0HMVD:00000002"},
	{"HTTP", `level=info msg=m reqId=7d2e91aa`, "request:7d2e91aa"},
	{"Temporal", `{"msg":"m","WorkflowID":"order-17","RunID":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11","ActivityID":"5"}`, "job:order-17 job:0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11 job:5"},
	{"Celery", `{"msg":"m","task_id":"d25b5bd0-b2dd-4fbd-9e55-3e3e3e3e3e3e","task_name":"shop.pay"}`, "job:d25b5bd0-b2dd-4fbd-9e55-3e3e3e3e3e3e"},
	{"Celery", `Task shop.tasks.pay[d25b5bd0-b2dd-4fbd-9e55-3e3e3e3e3e3e] succeeded in 0.3s: None`, "job:d25b5bd0-b2dd-4fbd-9e55-3e3e3e3e3e3e"},
	{"Sidekiq", `{"msg":"start","ctx":{"class":"HardJob","jid":"98efe6a1a2b3c4d5e6f70812"},"pid":17}`, "job:98efe6a1a2b3c4d5e6f70812"},
	{"Sidekiq", `{"msg":"m","payload":{"job_id":"b7c1","provider_job_id":"98efe6a1"}}`, "job:b7c1 job:98efe6a1"},
	{"asynq, RQ, dramatiq, BullMQ", `{"msg":"m","jobId":"117"}`, "job:117"},
	{"asynq, RQ, dramatiq, BullMQ", `{"msg":"m","message_id":"2f3a"}`, "job:2f3a"},
	{"CLEF", `{"@t":"2026-11-29T16:00:00Z","@mt":"m","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","@sp":"00f067aa0ba902b7"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"sessions", `{"msg":"m","session_id":"s-17","conversation_id":"c-9"}`, "session:s-17 session:c-9"},
	{"unnamed", `{"msg":"m","order_id":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11"}`, "other:0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11"},
	{"unnamed", `{"msg":"m","checkoutId":"chk_9fQ2mZ7LkQ1xY8"}`, "other:chk_9fQ2mZ7LkQ1xY8"},
	{"unnamed", `{"msg":"m","uploadID":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}`, "other:01ARZ3NDEKTSV4RRFFQ69G5FAV"},
	{"unnamed", `{"msg":"m","import":{"id":"9f86d081884c7d65"}}`, "other:9f86d081884c7d65"},
	{"unnamed in a text", `2026-11-29 16:00:00 INFO [req-7d2e91aa] shop.web: GET /orders`, "request:req-7d2e91aa"},
	{"unnamed in a text", `2026-11-29 16:00:00 INFO shop.web: GET /orders request_id=7d2e91aa took 3 ms`, "request:7d2e91aa"},
	{"unnamed in a text", `2026-11-29T10:00:00.123Z  INFO [shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] 4242 --- [main] c.acme.Cart : paid`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"none", `{"msg":"m","user_id":17,"product_id":"sku-1","valid":"yes","paid":true,"grid":"4x4","android":"14","pid":17,"uid":0}`, ""},
	{"none", `{"msg":"m","thread_id":139832455,"status_id":3,"client_id":"web","tenant_id":"acme","sha":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b","etag":"9f86d081884c7d65"}`, ""},
	{"none", `{"msg":"m","trace":"no","bid":"1.25","transaction":"begin","node_id":"n1"}`, ""},
	{"none", `{"msg":"m","commit_id":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b","image_id":"9f86d081884c7d65","container_id":"4bf92f3577b3","machine_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`, ""},
	{"none", `{"msg":"m","user_id":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11","tenant_id":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a12","device_id":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a13"}`, ""},
}

func TestIDs_NamingStyles(t *testing.T) {
	found, missed, wrong := 0, 0, 0
	for _, c := range idCases {
		want := strings.Fields(c.want)
		r := record.Decode(c.payload)
		var got []string
		for _, id := range r.IDs {
			got = append(got, id.Kind+":"+id.Value)
		}
		for _, id := range want {
			if slices.Contains(got, id) {
				found++
			} else {
				missed++
				t.Logf("%s: missed %s in %s (%s)", c.style, id, c.payload, got)
			}
		}
		for _, id := range got {
			if !slices.Contains(want, id) {
				wrong++
				t.Logf("%s: wrongly took %s in %s", c.style, id, c.payload)
			}
		}
	}
	t.Logf("%d found, %d missed, %d wrongly taken", found, missed, wrong)
	if missed > 1 || wrong > 0 { // a thread that is named after its request is not known
		t.Errorf("%d missed and %d wrongly taken, want 1 and 0", missed, wrong)
	}
}
