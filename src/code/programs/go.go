// Needs Go 1.18 or later, and the app token in the environment variable MESIBO_APP_TOKEN.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	«imports»
	"time"
)

func main() {
	body, err := call()
	if err != nil {
		log.Fatal(err)
	}
	// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
	fmt.Println(string(body))
}

func call() ([]byte, error) {
	if os.Getenv("MESIBO_APP_TOKEN") == "" {
		return nil, errors.New("MESIBO_APP_TOKEN is not set: put your app token there")
	}

	«variables»
	payload, err := json.Marshal(«payload»)
	if err != nil {
		return nil, err
	}

	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Post(«url», "application/json", bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the API answered HTTP %s", response.Status)
	}

	var answer struct {
		Result bool   `json:"result"`
		Error  string `json:"error"`
		Cause  string `json:"cause"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if !answer.Result {
		return nil, fmt.Errorf("%s: %s", answer.Error, answer.Cause)
	}
	return body, nil
}
«helpers»
