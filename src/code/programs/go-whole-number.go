// wholeNumber is the text of a whole number, decimal or hex after 0x. In JSON it is a number.
type wholeNumber string

func (text wholeNumber) parse() (int64, error) {
	digits := strings.ToLower(strings.TrimSpace(string(text)))
	if hex := strings.TrimPrefix(digits, "0x"); hex != digits {
		return strconv.ParseInt(hex, 16, 64)
	}
	return strconv.ParseInt(digits, 10, 64)
}

func (text wholeNumber) MarshalJSON() ([]byte, error) {
	number, err := text.parse()
	return strconv.AppendInt(nil, number, 10), err
}
