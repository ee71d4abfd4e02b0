-- big.lua - the request of this scenario, for wrk: 1 MB
wrk.method="POST"
wrk.headers["Content-Type"]="application/json"
wrk.headers["Authorization"]="Bearer sk-test-0123456789abcdef"
wrk.body='{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"'..string.rep("All work and no play. ", 47663)..'"}],"temperature":0.7}'
