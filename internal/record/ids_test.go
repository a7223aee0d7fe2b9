package record_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

// The ids of many naming styles, and of none: want has kind:value of each id that joins a record to others. A payload with none has no id,
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
	{"Envoy", `{"msg":"m","x_request_id":"a3f1c9d2-5b6e-4f70-8a91-b2c3d4e5f607","x-envoy-attempt-count":"1"}`, "request:a3f1c9d2-5b6e-4f70-8a91-b2c3d4e5f607"},
	{"NGINX", `{"msg":"m","http_x_request_id":"5d2f0c9e8b7a6d5c4b3a29181706f5e4"}`, "request:5d2f0c9e8b7a6d5c4b3a29181706f5e4"},
	{"Heroku", `{"msg":"m","heroku_request_id":"8601b555-6a83-4c12-8269-97c8e32cdb22"}`, "request:8601b555-6a83-4c12-8269-97c8e32cdb22"},
	{"Heroku", `at=info method=GET path="/" host=shop.example request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="10.0.0.1" dyno=web.1`, "request:8601b555-6a83-4c12-8269-97c8e32cdb22"},
	{"Rails", `[8601b555-6a83-4c12-8269-97c8e32cdb22] Started GET "/orders" for 10.0.0.1`, "request:8601b555-6a83-4c12-8269-97c8e32cdb22"},
	{"Cloudflare", `{"msg":"m","cf-ray":"7d2e91aa4c0b1f3a-FRA","RayID":"7d2e91aa4c0b1f3a"}`, "request:7d2e91aa4c0b1f3a"},
	{"Laravel", `{"message":"m","extra":{"uid":"7d2e91aa"},"context":{"request-id":"7d2e91aa11"}}`, "request:7d2e91aa11"},
	{"Azure", `{"message":"m","operation_Id":"4bf92f3577b34da6a3ce929d0e0e4736","operation_ParentId":"00f067aa0ba902b7"}`, "request:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"Azure Functions", `{"message":"m","InvocationId":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11"}`, "job:0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11"},
	{"Jaeger", `{"msg":"m","uber-trace-id":"4bf92f3577b34da6:00f067aa0ba902b7:0:1"}`, "trace:4bf92f3577b34da6"},
	{"New Relic", `{"message":"m","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","entity.guid":"MXxBUE18QVBQTElDQVRJT058MQ"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736"},
	{"Sentry", `{"message":"m","sentry-trace":"4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736"},
	{"gRPC", `{"msg":"m","grpc.request.id":"7d2e91aa","grpc.method":"Pay"}`, "request:7d2e91aa"},
	{"GraphQL", `{"msg":"m","operationId":"0190f5b2-7a3c","operationName":"Cart"}`, "request:0190f5b2-7a3c"},
	{"Kafka", `{"msg":"m","correlation-id":"17","topic":"orders","partition":3,"offset":991}`, "request:17"},
	{"RabbitMQ", `{"msg":"m","correlationId":"amq-77","deliveryTag":4}`, "request:amq-77"},
	{"SQS", `{"msg":"m","MessageId":"5fea7756-0ea4-451a-a703-a558b933e274","ReceiptHandle":"AQEB"}`, "job:5fea7756-0ea4-451a-a703-a558b933e274"},
	{"Airflow", `{"msg":"m","dag_id":"nightly","run_id":"scheduled__2026-11-30T00:00:00","task_id":"load"}`, "job:scheduled__2026-11-30T00:00:00 job:load"},
	{"Argo, Kubernetes", `{"msg":"m","workflowUid":"0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11","pod_id":"web-1"}`, "job:0190f5b2-7a3c-7bbb-9c33-5f1f0c2b7a11"},
	{"Quartz", `{"msg":"m","fireInstanceId":"NON_CLUSTERED1700000000001"}`, "job:NON_CLUSTERED1700000000001"},
	{"Hangfire", `{"msg":"m","HangfireJobId":"991"}`, "job:991"},
	{"Resque", `{"msg":"m","job":{"id":"7d2e91aa","class":"Mail"}}`, "job:7d2e91aa"},
	{"Spring", `{"msg":"m","mdc":{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}}`, "trace:4bf92f3577b34da6a3ce929d0e0e4736 span:00f067aa0ba902b7"},
	{"zap", `{"level":"info","msg":"m","req_id":"7d2e91aa","txn_id":"t-9"}`, "request:7d2e91aa transaction:t-9"},
	{"slog group", `{"level":"INFO","msg":"m","http":{"request":{"id":"7d2e91aa"}}}`, "request:7d2e91aa"},
	{"Stripe", `{"msg":"m","stripe_request_id":"req_9fQ2mZ7LkQ1xY8"}`, "request:req_9fQ2mZ7LkQ1xY8"},
	{"text", `2026-11-29 16:00:00 INFO shop.web: (rid=7d2e91aa) GET /orders`, "request:7d2e91aa"},
	{"text", `2026-11-29 16:00:00 ERROR worker: job 7d2e91aa4c0b failed`, ""},
	{"none", `{"msg":"m","order_id":4711,"cart_id":12,"page_id":"home","valid":true,"plaid":"red"}`, ""},
	{"none", `{"msg":"m","version_id":"1.42.0","feature_id":"new-cart","template_id":"welcome","campaign_id":"xmas-2026","exid":"17"}`, ""},
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
	if missed > 1 || wrong > 0 { // rid is too short a name
		t.Errorf("%d missed and %d wrongly taken, want 1 and 0", missed, wrong)
	}
}
