/*
 * api.h - the endpoints of the admin listener.
 */
#ifndef ADMIN_API_H
#define ADMIN_API_H

#include "admin/admin.h"
#include "admin/http.h"

/* Who may call an endpoint. */
enum api_permission {
	API_OPEN,		/* everybody */
	API_LOCAL,		/* everybody who can reach a local listener,
				   else as API_ADMIN */
	API_ADMIN		/* client keys of role admin or root */
};

struct api_row {
	const char	*method, *path;
	enum api_permission permission;
	int		(*fn)(struct admin *a, struct http_req *r);
};

/* Answer a request; arg is the struct admin. */
int api_serve(void *arg, struct http_req *r);
/* The error shape of the admin API. */
void api_error(struct http_req *r, int status, const char *code,
    const char *message);
/* 1 when the request carries a good client key of role admin or root. */
int api_is_admin(struct admin *a, const struct http_req *r);

#endif
