-- gemini-big.lua - a request of 1 MB in Gemini's format, for wrk
wrk.method="POST"
wrk.headers["Content-Type"]="application/json"
wrk.headers["x-goog-api-key"]="sk-test-0123456789abcdef"
wrk.path="/v1beta/models/gemini:generateContent"
wrk.body='{"contents":[{"role":"user","parts":[{"text":"'..string.rep("All work and no play. ", 47663)..'"}]}],"generationConfig":{"temperature":0.7}}'
