# Files of admin/.
admin_sources = \
	src/admin/admin.c src/admin/admin.h \
	src/admin/api.c src/admin/api.h \
	src/admin/ctl.h src/admin/ctl_help.c src/admin/ctl_key.c \
	src/admin/ctl_key.h src/admin/ctl_key_opts.c \
	src/admin/ctl_key_show.c src/admin/ctl_life.c src/admin/ctl_print.c \
	src/admin/ctl_provider.c src/admin/ctl_request.c \
	src/admin/ctl_status.c src/admin/ctl_table.c src/admin/ctl_usage.c \
	src/admin/ctlsock.c src/admin/ctlsock.h \
	src/admin/http.c src/admin/http.h \
	src/admin/metrics.c src/admin/metrics.h src/admin/metrics_usage.c
