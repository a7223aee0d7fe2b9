package hosts

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// loggers write one warning to w, in the one or two lines that a program needs for it.
var loggers = map[string]func(w io.Writer){
	"slog": func(w io.Writer) {
		logger := slog.New(slog.NewJSONHandler(w, nil))
		logger.Warn("nearly sold out", "order", 4711)
	},
	"slog, text": func(w io.Writer) {
		logger := slog.New(slog.NewTextHandler(w, nil))
		logger.Warn("nearly sold out", "order", 4711)
	},
	"zap": func(w io.Writer) {
		logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(w), zap.InfoLevel))
		logger.Warn("nearly sold out", zap.Int("order", 4711))
	},
	"zerolog": func(w io.Writer) {
		logger := zerolog.New(w).With().Timestamp().Logger()
		logger.Warn().Int("order", 4711).Msg("nearly sold out")
	},
	"logrus": func(w io.Writer) {
		logger := &logrus.Logger{Out: w, Formatter: &logrus.JSONFormatter{}, Hooks: make(logrus.LevelHooks), Level: logrus.InfoLevel}
		logger.WithField("order", 4711).Warn("nearly sold out")
	},
	"log": func(w io.Writer) {
		log.New(w, "", log.LstdFlags).Print("WARN nearly sold out")
	},
}

func TestLoggers_PublishThroughWriter(t *testing.T) {
	for name, write := range loggers {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			page, _ := startHost(t, server, elva.Config{}, func(logs http.Handler) http.Handler { return logs })
			client := redis.NewClient(&redis.Options{Addr: server.Addr})
			t.Cleanup(func() { client.Close() })
			writer := elva.NewWriter(client, channel)
			t.Cleanup(func() { writer.Close() })
			s := open(t, newClient(t, nil), page)
			server.publish(t, "somebody listens")
			s.await("", "somebody listens")

			write(writer)
			e := s.await("", "nearly sold out")
			var batch []struct {
				Level, Message string
				Fields         map[string]any
			}
			if err := json.Unmarshal([]byte(e.data), &batch); err != nil || len(batch) != 1 {
				t.Fatalf("%v: %s", err, e.data)
			}
			r := batch[0]
			if r.Level != "warning" || !strings.HasSuffix(r.Message, "nearly sold out") || name != "log" && r.Message != "nearly sold out" {
				t.Errorf("level %q, message %q in %s", r.Level, r.Message, e.data)
			}
			if order := r.Fields["order"]; name != "log" && order != 4711.0 && order != "4711" { // text has no numbers
				t.Errorf("order %v in %s", order, e.data)
			}
		})
	}
}

// listen subscribes to the channel and returns a function that returns all that was published on it until then.
func listen(t *testing.T, server redisServer) (published func() []string) {
	t.Helper()
	subscriber := redis.NewClient(&redis.Options{Addr: server.Addr})
	pubsub := subscriber.Subscribe(t.Context(), channel)
	t.Cleanup(func() { pubsub.Close(); subscriber.Close() })
	if _, err := pubsub.Receive(t.Context()); err != nil { // the confirmation
		t.Fatal(err)
	}
	return func() (payloads []string) {
		const end = "the end, and no record"
		server.publish(t, end)
		for {
			message, err := pubsub.ReceiveTimeout(t.Context(), patience)
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := message.(*redis.Message); ok {
				if m.Payload == end {
					return payloads
				}
				payloads = append(payloads, m.Payload)
			}
		}
	}
}

// loggerFolders are the programs that end.
var loggerFolders = []string{"log", "logrus", "slog", "zap", "zerolog"}

// TestLoggers_LastRecordBeforeExit runs each program, which really ends.
func TestLoggers_LastRecordBeforeExit(t *testing.T) {
	found, err := filepath.Glob("loggers/*/main.go")
	if err != nil || len(found) != len(loggerFolders) {
		t.Errorf("programs %q, tested %q: %v", found, loggerFolders, err)
	}
	server := startRedis(t)
	for _, folder := range loggerFolders {
		_, binary := build(t, "loggers/"+folder, map[string]string{`"localhost:6379"`: server.Addr})
		for end, status := range map[string]int{"fatal": 1, "panic": 2, "goroutine": 2} {
			t.Run(folder+" "+end, func(t *testing.T) {
				published := listen(t, server)
				out, err := exec.CommandContext(t.Context(), binary, end).CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.ExitCode() != status {
					t.Errorf("it ended with %v, want status %d\n%s", err, status, out)
				}
				got := published()
				if len(got) != 2 || !strings.Contains(got[0], "shop opens") || !strings.Contains(got[1], "last words") {
					t.Errorf("published %q\n%s", got, out)
				}
			})
		}
	}
}

// TestDocs_LastRecordPrograms compares the table of docs/send.md with the programs.
func TestDocs_LastRecordPrograms(t *testing.T) {
	readme, err := os.ReadFile("../../docs/send.md")
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string][]string{"slog, log": {"slog", "log"}, "zap": {"zap"}, "zerolog": {"zerolog"}, "logrus": {"logrus"}}
	for row, folders := range programs {
		match := regexp.MustCompile(`(?m)^\| ` + row + `[^|]* \|(.*)\|$`).FindSubmatch(readme)
		if match == nil {
			t.Errorf("no row for %s", row)
			continue
		}
		for _, folder := range folders {
			source, err := os.ReadFile(filepath.Join("loggers", folder, "main.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(match[1]), -1) {
				if !strings.Contains(string(source), code[1]) {
					t.Errorf("the program of %s has no %s", folder, code[1])
				}
			}
		}
	}
}

// buffered is how many records go through a buffer.
const buffered = 300

func bufferedMessage(i int) string { return fmt.Sprintf("cart %d opened by somebody", i) }

// bufferingLoggers log through the buffers of loggers, and through bufio's, which ends within records.
var bufferingLoggers = map[string]func(out *elva.Writer){
	"zap": func(out *elva.Writer) {
		buffer := &zapcore.BufferedWriteSyncer{WS: out, Size: 4 << 10, FlushInterval: time.Hour}
		logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), buffer, zap.DebugLevel))
		for i := range buffered {
			logger.Info(bufferedMessage(i))
		}
		_ = buffer.Stop()
	},
	"zerolog through bufio": func(out *elva.Writer) {
		buffer := bufio.NewWriter(out)
		logger := zerolog.New(buffer)
		for i := range buffered {
			logger.Info().Msg(bufferedMessage(i))
		}
		_ = buffer.Flush()
	},
	"zerolog's diode": func(out *elva.Writer) {
		buffer := diode.NewWriter(out, 2*buffered, 0, nil)
		logger := zerolog.New(buffer)
		for i := range buffered {
			logger.Info().Msg(bufferedMessage(i))
		}
		_ = buffer.Close()
	},
	"logrus text through bufio": func(out *elva.Writer) {
		buffer := bufio.NewWriter(out)
		logger := logrus.New()
		logger.SetOutput(buffer)
		for i := range buffered {
			logger.Info(bufferedMessage(i))
		}
		_ = buffer.Flush()
	},
	"slog text through bufio": func(out *elva.Writer) {
		buffer := bufio.NewWriter(out)
		logger := slog.New(slog.NewTextHandler(buffer, nil))
		for i := range buffered {
			logger.Info(bufferedMessage(i))
		}
		_ = buffer.Flush()
	},
	"log through bufio": func(out *elva.Writer) {
		buffer := bufio.NewWriter(out)
		logger := log.New(buffer, "", log.LstdFlags)
		for i := range buffered {
			logger.Print(bufferedMessage(i))
		}
		_ = buffer.Flush()
	},
	"a pipe": func(out *elva.Writer) {
		reader, writer := io.Pipe()
		go func() {
			logger := zerolog.New(writer)
			for i := range buffered {
				logger.Info().Msg(bufferedMessage(i))
			}
			writer.Close()
		}()
		_, _ = io.CopyBuffer(struct{ io.Writer }{out}, reader, make([]byte, 100))
	},
}

func TestLoggers_BufferedRecords(t *testing.T) {
	for name, write := range bufferingLoggers {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			client := redis.NewClient(&redis.Options{Addr: server.Addr})
			t.Cleanup(func() { client.Close() })
			out := elva.NewWriter(client, channel)
			published := listen(t, server)
			write(out)
			_ = out.Close() // a diode has done so
			got := published()
			var messages, want []string
			for _, payload := range got {
				messages = append(messages, regexp.MustCompile(`cart \d+ opened by somebody`).FindString(payload))
			}
			for i := range buffered {
				want = append(want, bufferedMessage(i))
			}
			if !slices.Equal(messages, want) {
				t.Errorf("%d records for %d: %.2000q", len(got), buffered, got)
			}
		})
	}
}
