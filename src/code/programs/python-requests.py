# Needs Python 3.8 or later, requests (pip install requests), and the app token in the environment variable
# MESIBO_APP_TOKEN.

import json
import os

import requests

«variables»
payload = «payload»

response = requests.post(«url», json=payload, timeout=30)
response.raise_for_status()

answer = response.json()
if not answer.get("result"):
    raise RuntimeError(f"{answer.get('error', 'FAILED')}: {answer.get('cause', 'the API gives no cause')}")
# mesibo's answers may hold the app token: in your own program, take what you need and log no more.
print(json.dumps(answer))
