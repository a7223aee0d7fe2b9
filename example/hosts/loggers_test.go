package hosts

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
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

func TestEveryLoggerPublishesThroughAWriter(t *testing.T) {
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
