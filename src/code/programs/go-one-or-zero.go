// oneOrZero is 1 for a text that is 1 or true, else 0.
func oneOrZero(text string) int {
	if isTrue(text) {
		return 1
	}
	return 0
}
