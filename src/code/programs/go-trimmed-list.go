// trimmedList trims the items between commas, and leaves empty ones out.
func trimmedList(text string) string {
	var items []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return strings.Join(items, ",")
}
