package pyformat

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxIntDigits is the maximum number of digits for which CPython converts an integer (3.11, sys.set_int_max_str_digits).
const maxIntDigits = 4300

// integerDigits returns the digits of an argument for %d and similar conversions, with a minus sign and an optional 0x or 0o.
func integerDigits(s *spec, v jsonscan.Value) (string, bool) {
	digits := ""
	switch v.Kind {
	case jsonscan.False:
		digits = "0"
	case jsonscan.True:
		digits = "1"
	case jsonscan.Number:
		digits = v.Raw
	default:
		return "", false
	}
	if strings.ContainsAny(digits, ".eE") { // a float: %d cuts it to an integer, %x and %o refuse
		if s.verb != 'd' && s.verb != 'i' && s.verb != 'u' {
			return "", false
		}
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return "", false // infinite
		}
		whole, _ := big.NewFloat(math.Trunc(x)).Int(nil)
		digits = whole.String()
	}
	if len(digits) > maxIntDigits {
		return "", false
	}
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	prefix := ""
	if s.verb == 'x' || s.verb == 'X' || s.verb == 'o' {
		base := 16
		prefix = "0x"
		if s.verb == 'o' {
			base, prefix = 8, "0o"
		}
		n, ok := new(big.Int).SetString(digits, 10)
		if !ok {
			return "", false
		}
		digits = n.Text(base)
		if s.verb == 'X' {
			digits, prefix = strings.ToUpper(digits), "0X"
		}
	}
	if digits == "0" {
		negative = false // an integer has no negative zero
	}
	if missing := s.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", min(missing, MaxMessage)) + digits
	}
	if s.alt {
		digits = prefix + digits
	}
	if negative {
		digits = "-" + digits
	}
	return digits, true
}

// floatOf returns the result of float() for an argument.
func floatOf(v jsonscan.Value) (float64, bool) {
	switch v.Kind {
	case jsonscan.False:
		return 0, true
	case jsonscan.True:
		return 1, true
	case jsonscan.NotFinite:
		switch v.Raw {
		case "NaN":
			return math.NaN(), true
		case "Infinity":
			return math.Inf(1), true
		}
		return math.Inf(-1), true
	case jsonscan.Number:
		x, err := strconv.ParseFloat(v.Raw, 64)
		if err != nil && !strings.ContainsAny(v.Raw, ".eE") {
			return 0, false // "int too large to convert to float"; a float literal of that size is infinite
		}
		return x, true
	}
	return 0, false
}

// floatDigits formats x like printf in C.
func floatDigits(s *spec, x float64) string {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	upper := s.verb == 'E' || s.verb == 'F' || s.verb == 'G'
	var digits string
	switch {
	case math.IsNaN(x):
		digits = "nan"
	case math.IsInf(x, 1):
		digits = "inf"
	case math.IsInf(x, -1):
		digits = "-inf"
	default:
		// A float64 has at most 1074 digits after the point; more are zeros.
		const most = 1100
		exact := min(precision, most)
		zeros := strings.Repeat("0", min(precision-exact, MaxMessage))
		switch s.verb {
		case 'f', 'F':
			digits = strconv.FormatFloat(x, 'f', exact, 64) + zeros
			if precision == 0 && s.alt {
				digits += "."
			}
		case 'e', 'E':
			digits = strconv.FormatFloat(x, 'e', exact, 64)
			mantissa, exponent, _ := strings.Cut(digits, "e")
			if precision == 0 && s.alt {
				mantissa += "."
			}
			digits = mantissa + zeros + "e" + exponent
		default:
			digits = generalDigits(x, max(exact, 1), zeros, s.alt)
		}
	}
	if upper {
		digits = strings.ToUpper(digits)
	}
	return digits
}

// generalDigits formats x like %g: in the shorter of both notations, without trailing zeros unless alt is set.
func generalDigits(x float64, precision int, zeros string, alt bool) string {
	digits := strconv.FormatFloat(x, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(digits, "e")
	e, _ := strconv.Atoi(exponent)
	if e < -4 || e >= precision+len(zeros) {
		if alt {
			if strings.IndexByte(mantissa, '.') < 0 {
				mantissa += "."
			}
			return mantissa + zeros + "e" + exponent
		}
		return trimZeros(mantissa) + "e" + exponent
	}
	digits = strconv.FormatFloat(x, 'f', precision-1-e, 64)
	if !alt {
		return trimZeros(digits)
	}
	if strings.IndexByte(digits, '.') < 0 {
		digits += "."
	}
	return digits + zeros
}

// trimZeros trims zeros after a decimal point, and the point.
func trimZeros(digits string) string {
	if strings.IndexByte(digits, '.') < 0 {
		return digits
	}
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}
