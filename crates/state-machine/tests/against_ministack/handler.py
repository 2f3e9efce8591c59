"""One scripted function, on the Lambda Runtime API.

The payload's "Id" names the script: per function a list of answers, of which the last one repeats.
"""

import json
import os
import time
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
FUNCTION = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
SCRIPTS = os.environ["SCRIPTS"]


def next_answer(payload):
    script = os.path.join(SCRIPTS, payload["Id"])
    with open(script + ".json") as file:
        answers = json.load(file)[FUNCTION]
    with open(script + ".log", "a+") as log:
        log.seek(0)
        before = sum(1 for line in log if json.loads(line)[0] == FUNCTION)
        log.write(json.dumps([FUNCTION, payload]) + "\n")
    return answers[min(before, len(answers) - 1)]


def post(request_id, kind, body):
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(f"{API}/{request_id}/{kind}", data)).read()


while True:
    with urllib.request.urlopen(f"{API}/next") as response:
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        payload = json.load(response)
    try:
        answer = next_answer(payload)
        time.sleep(answer.get("sleep", 0))
        if "error" in answer:
            error = {"errorMessage": answer["message"], "errorType": answer["error"]}
            post(request_id, "error", error)
        else:
            post(request_id, "response", answer["answer"])
    except Exception as error:
        post(request_id, "error", {"errorMessage": repr(error), "errorType": "ScriptFault"})
