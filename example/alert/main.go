// Command alert is Elva with a webhook: when the state of what is logged changes, it posts the sentence to Slack, or to
// whatever takes the same JSON (Mattermost, Rocket.Chat, Discord with /slack).
//
//	WEBHOOK=https://hooks.slack.com/services/… go run ./example/alert
//
// It serves the page at http://localhost:8888/debug/logs/ and reads the channel my:channel of the Redis at localhost:6379.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// post returns an OnChange that posts to a Slack-compatible webhook.
func post(webhook, page string) func(elva.Summary) {
	client := &http.Client{Timeout: 10 * time.Second} // OnChange waits for it, Elva does not
	return func(s elva.Summary) {
		text := fmt.Sprintf("*%s*: %s", s.State, s.Text)
		if len(s.Causes) > 0 && s.Causes[0].Filter != "" {
			text += fmt.Sprintf(" <%s?%s|Show the records>", page, s.Causes[0].Filter)
		}
		body, _ := json.Marshal(map[string]string{"text": text}) // a string has no error
		res, err := client.Post(webhook, "application/json", bytes.NewReader(body))
		if err != nil {
			log.Print("alert: ", errors.Unwrap(err)) // without the address, which is a secret
			return
		}
		defer res.Body.Close()
		if res.StatusCode >= 300 {
			log.Print("alert: the webhook answers ", res.Status)
		}
	}
}

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.Config{OnChange: post(os.Getenv("WEBHOOK"), "http://localhost:8888/debug/logs/")}.New(rdb, "my:channel")
	defer logs.Close()
	http.Handle("/debug/logs/", logs)
	log.Fatal(http.ListenAndServe("localhost:8888", nil))
}
