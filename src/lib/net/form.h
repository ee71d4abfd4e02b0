/*
 * form.h - multipart/form-data (RFC 7578; RFC 2046, 5.1), strictly.
 *
 * A form is forwarded as it came, so what stands here in two readings would be
 * one thing for us and another for a provider. Whatever servers are known to
 * read differently is refused: text in front of the first part or behind the
 * last, a boundary that begins a line without ending the value, heads with folded
 * or broken lines, a name that is given twice, escaped or extended, and a second
 * part of the wanted name.
 */
#ifndef NET_FORM_H
#define NET_FORM_H

#include "base/str.h"

#define FORM_BOUNDARY_MAX	70	/* RFC 2046, 5.1.1 */

struct form {
	struct str	 body, name;	/* not copied */
	char		 delimiter[FORM_BOUNDARY_MAX + 4];	/* CR LF "--" */
	size_t		 n;		/* of it */
	size_t		 at;		/* looked through so far */
	size_t		 first;		/* offset of the first "--boundary" */
	struct str	 value;		/* of the part; p is NULL: none yet */
	const char	*why;		/* it is refused */
	char		 text[80];
	size_t		 from;		/* where the part's value begins */
	int		 wanted;	/* it is the one looked for */
};

/*
 * The boundary in the value of a Content-Type field: 0 and a slice of type, or
 * ERR_FORMAT: none, several, escaped, not 1 to 70 bytes, or the parameters
 * cannot be read.
 */
int form_boundary(struct str type, struct str *out);
/* Begin to look for the part of that name in body; all are kept, not copied. */
void form_begin(struct form *f, struct str body, struct str boundary,
    struct str name);
/*
 * Go on for about most bytes: 0 the form is whole and good, ERR_AGAIN there is
 * more to look at, ERR_FORMAT f->why tells what is wrong with it (a text to
 * go behind "the form ").
 */
int form_some(struct form *f, size_t most);

#endif
