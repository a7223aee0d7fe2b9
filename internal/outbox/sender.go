package outbox

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// pipelined is how many records go in one pipeline: the cost of a round trip is gone at a hundred, and a
// batch that fails is not large.
const pipelined = 500

// entryID is how long the id of a stream's entry may get: two numbers of 64 bits, and the end of the line
// that go-redis reads along.
const entryID = 20 + 1 + 20 + 2

// errUnanswered marks a command that go-redis has no answer to. It leaves commands as they were when
// Redis refuses the connection itself.
var errUnanswered = errors.New("no answer")

// Sender takes records to Redis, many in one round trip. It is for one goroutine, and uses its commands
// again for every pipeline.
type Sender struct {
	client   redis.UniversalClient
	payloads []payload
	commands []redis.Cmder
}

// payload is an argument of a command that can be exchanged without making a new command.
type payload struct{ text []byte }

func (p *payload) MarshalBinary() ([]byte, error) { return p.text, nil }

// ToChannel returns a Sender that publishes on a channel.
func ToChannel(ctx context.Context, client redis.UniversalClient, channel string) *Sender {
	return newSender(client, func(_ int, p *payload) redis.Cmder {
		return redis.NewIntCmd(ctx, "publish", channel, p)
	})
}

// ToShardedChannel returns a Sender that publishes on a sharded channel.
func ToShardedChannel(ctx context.Context, client redis.UniversalClient, channel string) *Sender {
	return newSender(client, func(_ int, p *payload) redis.Cmder {
		return redis.NewIntCmd(ctx, "spublish", channel, p)
	})
}

// ToStream returns a Sender that adds to a stream and has Redis trim it to about maxLen entries. The
// commands are those of XAdd, but for their reply: read into memory of their own it costs no allocation,
// and go-redis does not send such commands again by itself. A pipeline that a frozen Redis takes later
// would be in the stream once for each time it was sent.
func ToStream(ctx context.Context, client redis.UniversalClient, key string, maxLen int64) *Sender {
	ids := make([]byte, pipelined*entryID)
	return newSender(client, func(i int, p *payload) redis.Cmder {
		id := ids[i*entryID : (i+1)*entryID]
		return redis.NewZeroCopyStringCmd(ctx, id, "xadd", key, "maxlen", "~", maxLen, "*", "record", p)
	})
}

func newSender(client redis.UniversalClient, command func(int, *payload) redis.Cmder) *Sender {
	s := &Sender{client: client, payloads: make([]payload, pipelined)}
	for i := range s.payloads {
		s.commands = append(s.commands, command(i, &s.payloads[i]))
	}
	return s
}

// Ping asks whether Redis answers.
func (s *Sender) Ping(ctx context.Context) error {
	return redisutil.Guard(func() error { return s.client.Ping(ctx).Err() })
}

// Send sends records of b from next on, as many as go in a pipeline, and returns how many Redis has
// taken of them, and their size.
func (s *Sender) Send(ctx context.Context, b *Batch, next int) (sent, bytes int, err error) {
	n := min(pipelined, b.Len()-next)
	pipe := s.client.Pipeline()
	for i := range n {
		_ = pipe.Process(ctx, s.prepare(i, b.Record(next+i))) // queued; the error comes from Exec
	}
	err = redisutil.Guard(func() error { _, err := pipe.Exec(ctx); return err })
	for sent < n && (err == nil || taken(s.commands[sent])) {
		bytes += len(s.payloads[sent].text)
		sent++
	}
	clear(s.payloads[:n]) // or they would hold on to a large batch
	return sent, bytes, err
}

// SendOne sends a record that is in no batch.
func (s *Sender) SendOne(ctx context.Context, record []byte) error {
	command := s.prepare(0, record)
	defer clear(s.payloads[:1])
	return redisutil.Guard(func() error { return s.client.Process(ctx, command) })
}

func (s *Sender) prepare(i int, record []byte) redis.Cmder {
	s.payloads[i].text = record
	s.commands[i].SetErr(errUnanswered)
	if id, ok := s.commands[i].(*redis.ZeroCopyStringCmd); ok {
		id.SetVal(0)
	}
	return s.commands[i]
}

// taken reports whether Redis has answered a command well. When the connection breaks after that,
// go-redis gives the error to all commands of the pipeline, but an id that was read stays.
func taken(command redis.Cmder) bool {
	id, ok := command.(*redis.ZeroCopyStringCmd)
	return command.Err() == nil || ok && id.Val() > 0
}
