# Files of admin/.
admin_sources =
