package record

func (d *decoder) percent(format string, args *node) (string, bool) { return "", false }
