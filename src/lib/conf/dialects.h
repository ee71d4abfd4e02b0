/*
 * dialects.h - the wire formats that there are, one row each.
 *
 * A row is all that has to be told outside of the format's own file: its name,
 * and what a provider has that speaks it, unless the configuration says
 * otherwise. From it come enum conf_dialect, the choices of "dialect", the
 * switch routes.NAME and ENABLE_NAME_ROUTES, and the codecs' table, which wants
 * "const struct codec codec_NAME" (dialect/codec.h). A row that is added goes to
 * the end: the order stands in configuration shares.
 */
#ifndef CONF_DIALECTS_H
#define CONF_DIALECTS_H

#define DIALECT_BEARER	"Authorization", "Bearer {key}"
#define RETRY_LISTED	"408,429,500,502-504,529"
#define RETRY_ALL	"408,429,500-599"

/* Id, name; path of the API, of the list of models behind it; header and value
 * of the credential; statuses that are worth another try; operations. */
#define DIALECTS(X)							\
	X(OPENAI, openai, "/v1", "/models", DIALECT_BEARER,		\
	    RETRY_LISTED, CONF_API_CHAT | CONF_API_RESPONSES |		\
	    CONF_API_EMBEDDINGS | CONF_API_IMAGES | CONF_API_AUDIO |	\
	    CONF_API_MODERATIONS | CONF_API_COMPLETIONS | CONF_API_RERANK) \
	X(ANTHROPIC, anthropic, "/v1", "/models", "x-api-key", "{key}",	\
	    RETRY_LISTED, CONF_API_CHAT | CONF_API_MESSAGES)		\
	X(GEMINI, gemini, "/v1beta", "/models", "x-goog-api-key", "{key}", \
	    RETRY_LISTED, CONF_API_CHAT | CONF_API_EMBEDDINGS)		\
	X(MISTRAL, mistral, "/v1", "/models", DIALECT_BEARER, RETRY_ALL, \
	    CONF_API_CHAT | CONF_API_EMBEDDINGS | CONF_API_AUDIO |	\
	    CONF_API_MODERATIONS | CONF_API_COMPLETIONS)		\
	X(GROQ, groq, "/openai/v1", "/models", DIALECT_BEARER, RETRY_ALL, \
	    CONF_API_CHAT | CONF_API_RESPONSES | CONF_API_AUDIO)	\
	X(AZURE, azure, "/openai", "/models", "api-key", "{key}",	\
	    RETRY_ALL, CONF_API_CHAT | CONF_API_RESPONSES |		\
	    CONF_API_EMBEDDINGS | CONF_API_IMAGES | CONF_API_AUDIO |	\
	    CONF_API_COMPLETIONS)					\
	X(OLLAMA, ollama, "", "/api/tags", DIALECT_BEARER, RETRY_ALL,	\
	    CONF_API_CHAT | CONF_API_EMBEDDINGS)

#endif
