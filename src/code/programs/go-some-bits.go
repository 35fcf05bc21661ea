// someBits is some bits of a whole number, moved down. In JSON it is a number.
type someBits struct {
	of    wholeNumber
	mask  int64
	shift uint
}

func (bits someBits) MarshalJSON() ([]byte, error) {
	number, err := bits.of.parse()
	return strconv.AppendInt(nil, (number&bits.mask)>>bits.shift, 10), err
}
