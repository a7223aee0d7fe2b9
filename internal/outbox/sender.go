package outbox

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// maxPipeline is how many records a pipeline has at most. From about a hundred on the round trip costs little, and a
// pipeline that fails should not be large.
const maxPipeline = 500

// maxEntryID is the maximum length of an entry ID, two numbers of 64 bits, with the end of line that go-redis reads, too.
const maxEntryID = 20 + 1 + 20 + 2

// errUnanswered marks a command without a reply. If Redis denies the connection itself, go-redis doesn't set the errors of
// the commands.
var errUnanswered = errors.New("no answer")

// Sender sends records to Redis, many in one round trip. It reuses its commands for every pipeline and is not safe for
// concurrent use.
type Sender struct {
	client   redis.UniversalClient
	payloads []payload
	commands []redis.Cmder
}

// payload is an argument of a command that can be replaced, so that the command can be reused.
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

// ToStream returns a Sender that adds to a stream and trims it to about maxLen entries. Its commands are like those of
// XAdd, but read the reply into existing memory, without an allocation. That also keeps go-redis from retrying them: if a
// frozen Redis executed a pipeline later, each retry would add its records once more.
func ToStream(ctx context.Context, client redis.UniversalClient, key string, maxLen int64) *Sender {
	ids := make([]byte, maxPipeline*maxEntryID)
	return newSender(client, func(i int, p *payload) redis.Cmder {
		id := ids[i*maxEntryID : (i+1)*maxEntryID]
		return redis.NewZeroCopyStringCmd(ctx, id, "xadd", key, "maxlen", "~", maxLen, "*", "record", p)
	})
}

func newSender(client redis.UniversalClient, command func(int, *payload) redis.Cmder) *Sender {
	s := &Sender{client: client, payloads: make([]payload, maxPipeline)}
	for i := range s.payloads {
		s.commands = append(s.commands, command(i, &s.payloads[i]))
	}
	return s
}

// Ping checks that Redis answers.
func (s *Sender) Ping(ctx context.Context) error {
	return redisutil.Guard(func() error { return s.client.Ping(ctx).Err() })
}

// Send sends records of b from index next on, at most one pipeline. It returns how many of them Redis accepted and their
// size.
func (s *Sender) Send(ctx context.Context, b *Batch, next int) (sent, bytes int, err error) {
	n := min(maxPipeline, b.Len()-next)
	pipe := s.client.Pipeline()
	for i := range n {
		_ = pipe.Process(ctx, s.prepare(i, b.Record(next+i))) // queued; the error comes from Exec
	}
	err = redisutil.Guard(func() error { _, err := pipe.Exec(ctx); return err })
	for sent < n && (err == nil || succeeded(s.commands[sent])) {
		bytes += len(s.payloads[sent].text)
		sent++
	}
	clear(s.payloads[:n]) // they must not keep a large batch alive
	return sent, bytes, err
}

// SendOne sends a single record.
func (s *Sender) SendOne(ctx context.Context, record []byte) error {
	command := s.prepare(0, record)
	defer clear(s.payloads[:1])
	return redisutil.Guard(func() error { return s.client.Process(ctx, command) })
}

// prepare returns the i-th command with the given record.
func (s *Sender) prepare(i int, record []byte) redis.Cmder {
	s.payloads[i].text = record
	s.commands[i].SetErr(errUnanswered)
	if id, ok := s.commands[i].(*redis.ZeroCopyStringCmd); ok {
		id.SetVal(0)
	}
	return s.commands[i]
}

// succeeded reports whether Redis executed a command. If the connection breaks later, go-redis sets the error of all
// commands of the pipeline, but an entry ID that was read remains.
func succeeded(command redis.Cmder) bool {
	id, ok := command.(*redis.ZeroCopyStringCmd)
	return command.Err() == nil || ok && id.Val() > 0
}
