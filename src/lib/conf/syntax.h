/*
 * syntax.h - the grammar of a file, token by token. Private to the conf layer.
 */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

#define SYNTAX_DEPTH	32

enum syntax_token {
	SYNTAX_NAME, SYNTAX_STRING, SYNTAX_NUMBER, SYNTAX_BOOL,
	SYNTAX_MARK,		/* a single byte: bracket, "=", ";", garbage */
	SYNTAX_END
};

struct syntax {
	unsigned char	in[SYNTAX_DEPTH];
	int		depth;
	int		want;
	int		after_string;
	int		late;	/* the error is behind the token before this */
	char		error[160];
};

void syntax_init(struct syntax *s);
/* Take one token, c for a mark: 0, or -1 with the reason in error. */
int syntax_token(struct syntax *s, enum syntax_token t, char c);

#endif
