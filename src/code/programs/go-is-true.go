// isTrue tells whether a text is 1 or true.
func isTrue(text string) bool {
	text = strings.TrimSpace(text)
	return text == "1" || strings.EqualFold(text, "true")
}
