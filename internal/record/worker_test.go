package record

import "testing"

func BenchmarkAppendWorker(b *testing.B) {
	r := Record{Host: "web-1", Logger: "shop.db", Fields: []byte(`{"request_id":"7d2e91aa","status":200,"path":"/checkout","duration_ms":119}`)}
	buf := make([]byte, 0, 100)
	for b.Loop() {
		buf = r.AppendWorker(buf[:0])
	}
}

func TestService(t *testing.T) {
	for _, c := range []struct {
		logger, fields, want string
		isField              bool
	}{
		{"shop.db", ``, "shop", false},
		{"shop", ``, "shop", false},
		{"org/shop:db", ``, "org", false},
		{"Microsoft.Hosting.Lifetime", ``, "", false},
		{"Acme.Shop.Cart", ``, "", false},
		{"Shop::Cart", ``, "", false},
		{`App\Jobs\Pay`, ``, "", false},
		{`sh\op.db`, ``, `sh\op`, false},
		{"PaymentService", ``, "PaymentService", false},
		{"Shop.cart", ``, "Shop", false},
		{"github.com/acme/shop", ``, "", false},
		{"shop/cart.go", ``, "shop", false},
		{"django.request", ``, "", false},
		{"uvicorn", ``, "", false},
		{"djangoshop.cart", ``, "djangoshop", false},
		{".hidden", ``, ".hidden", false},
		{"", ``, "", false},
		{"com.acme.shop.Cart", ``, "", false},
		{"o.a.c.c.C.[.[.[/]", ``, "", false},
		{"com.acme.shop.Cart", `{"service":"shop"}`, "shop", true},
		{"io.pool", ``, "io", false},
		{"shop.db", `{"service":"checkout"}`, "checkout", true},
		{"shop.db", `{"services":"a","service.version":"1","service.name":"checkout"}`, "checkout", true},
		{"shop.db", `{"service":{"name":"checkout"}}`, "checkout", true},
		{"shop.db", `{"service":""}`, "shop", false},
		{"shop.db", `{"service":"a\"b"}`, "shop", false},
		{"shop.db", `{"note":"\"service\":\"x\""}`, "shop", false},
	} {
		r := Record{Logger: c.logger, Fields: []byte(c.fields)}
		if name, isField := r.Service(); name != c.want || isField != c.isField {
			t.Errorf("%q, %s: %q, %t, want %q, %t", c.logger, c.fields, name, isField, c.want, c.isField)
		}
	}
}
