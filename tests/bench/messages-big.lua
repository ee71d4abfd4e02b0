-- messages-big.lua - a Messages request of 1 MB, for wrk
wrk.method="POST"
wrk.headers["Content-Type"]="application/json"
wrk.headers["x-api-key"]="sk-test-0123456789abcdef"
wrk.headers["anthropic-version"]="2023-06-01"
wrk.path="/v1/messages"
wrk.body='{"model":"claude","max_tokens":100,"system":"You are a helpful assistant.","messages":[{"role":"user","content":"'..string.rep("All work and no play. ", 47663)..'"}],"temperature":0.7}'
