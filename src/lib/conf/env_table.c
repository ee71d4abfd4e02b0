/*
 * env_table.c - the environment variables that mean something, as a table.
 *
 * Runs in: master.
 * Owns: nothing; constant data.
 *
 * To add one: a row here and a line in etc/aigw.env.example; a test compares.
 */
#include "conf/dialects.h"
#include "conf/env_table.h"

#define ROUTE(n, path, on) { "ENABLE_" n "_ROUTES", ENV_ROUTE, \
	"routes." path, on, "false switches these paths off" }
#define PART(n, path, text) { n, ENV_LLM_PART, path, NULL, text }
#define UNUSED(n, text) { n, ENV_UNUSED, NULL, NULL, text }

const struct env_var env_vars[] = {
	{ "PORT", ENV_PORT, "listen", NULL,
	    "listen on this port of all addresses" },
	{ "LOG_LEVEL", ENV_LEVEL, "log_level", NULL,
	    "debug, info, notice, warn or error" },
	{ "LOG_TIMEZONE", ENV_ZONE, "timezone", NULL,
	    "zone of log lines and calendar limits" },
	{ "APIPROXY_AUTH_TOKEN", ENV_SECRET, "auth.gateway_token", NULL,
	    "clients send base64 of it as their bearer token" },
	{ "ADMIN_USERNAME", ENV_OPTION, "admin.username", NULL,
	    "name for the dashboard login" },
	{ "ADMIN_PASSWORD", ENV_SECRET, "admin.password", NULL,
	    "password for the dashboard login" },
	{ "OPENAI_API_KEY", ENV_FAMILY, "openai", NULL,
	    "adds the provider openai" },
	{ "ANTHROPIC_API_KEY", ENV_FAMILY, "anthropic", NULL,
	    "adds the provider anthropic" },
	{ "MISTRAL_API_KEY", ENV_FAMILY, "mistral", NULL,
	    "adds the provider mistral" },
	{ "GEMINI_API_KEY", ENV_FAMILY, "gemini", NULL,
	    "adds the provider gemini" },
	{ "GROQ_API_KEY", ENV_FAMILY, "groq", NULL,
	    "adds the provider groq" },
	{ "PROVIDER_API_KEY_<ID>", ENV_PATTERN, NULL, NULL,
	    "one more key of that provider; _DEFAULT may follow" },
	{ "LLM_PROVIDERS", ENV_LLM, NULL, NULL,
	    "ids of providers that the next variables describe" },
	PART("NAME", "name", "name for people, required"),
	PART("BASE_URL", "base_url", "where it is, required"),
	PART("API_KEY", "keys", "its key, required"),
	PART("DIALECT", "dialect", "guessed from host and id if missing"),
	PART("MODELS_PATH", "models_path", "where its model list is"),
	PART("WEIGHT", "weight", "its share of the requests"),
	PART("REGION", "region", "where it is, for preferred_region"),
	PART("MAX_QPS", "max_qps", "most requests per second"),
	PART("COST_INPUT", "price.input", "USD per million input tokens"),
	PART("COST_OUTPUT", "price.output", "USD per million output tokens"),
	PART("RETRYABLE_STATUS_CODES", "retryable_status",
	    "such as 429,500,502-504"),
	{ "MODELS_CACHE_TTL", ENV_SECONDS, "models.cache_ttl", NULL,
	    "seconds the model list is kept" },
	{ "MASK_AS_BROWSER", ENV_MASK, "mask_as_browser", NULL,
	    "send headers as a browser does, to every provider" },
	{ "MASK_USER_AGENT", ENV_MASK, "mask_user_agent", NULL,
	    "the User-Agent for that" },
	{ "MASK_ORIGIN", ENV_MASK, "mask_origin", NULL, "the Origin for that" },
	{ "MASK_REFERER", ENV_MASK, "mask_referer", NULL,
	    "the Referer for that" },
	{ "REDIS_URL", ENV_REDIS, "shared.redis", NULL,
	    "redis://host:port/n or host:port; switches the cache on" },
#define X(id, name, ...) ROUTE(#id, #name, "auto"),
	DIALECTS(X)
#undef X
	ROUTE("OPENROUTER", "openrouter", "auto"),
	ROUTE("ADMIN", "admin", "on"),
	ROUTE("MODELS", "models", "on"),
	UNUSED("DATABASE_URL", "state is kept in state_dir"),
	UNUSED("APIPROXY_ENV_FILE", "give the file with --env-file"),
	UNUSED("DATA_SOURCE_PREFERENCE", "state is kept in state_dir"),
	UNUSED("ERROR_LOG_TO_REDIS", "errors go to log_dir/api-error.jsonl"),
	UNUSED("REDIS_ERROR_LOG_KEY", "errors go to log_dir/api-error.jsonl"),
	UNUSED("REDIS_ERROR_LOG_MAX_ENTRIES",
	    "errors go to log_dir/api-error.jsonl"),
	UNUSED("REDIS_USERNAME", "write it into REDIS_URL"),
	UNUSED("REDIS_PASSWORD", "write it into REDIS_URL"),
	UNUSED("REDIS_DB", "write it into REDIS_URL"),
	UNUSED("REDIS_TLS", "write rediss:// in REDIS_URL"),
	UNUSED("DEFAULT_ADMIN_USER_ID", "keys are made with aigwctl key create"),
	UNUSED("DEFAULT_ADMIN_API_KEY", "keys are made with aigwctl key create"),
	{ NULL }
};
