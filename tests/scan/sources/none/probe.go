package probe

// Asks mesibo whether a token is good.
func probe(token string) {
	payload, _ := json.Marshal(map[string]string{"op": "useradd", "token": token})
	http.Post("https://api.mesibo.com/backend", "application/json", bytes.NewBuffer(payload))
}
