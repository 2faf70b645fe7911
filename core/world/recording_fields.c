/* The members of an object, checked against what is described. */
#include "world/recording_fields.h"

static const struct recording_field *known_field(const struct recording_field *fields, size_t count,
                                                 struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, fields[i].name))
            return &fields[i];
    }
    return NULL;
}

static bool check_members(const struct value *object, const struct recording_field *fields,
                          size_t count, struct error *err)
{
    for (size_t i = 0; i < object->object.count; i++) {
        const struct member *member = &object->object.members[i];
        const struct recording_field *field = known_field(fields, count, member->name);
        if (!field)
            return error_set(err, ERROR_INVALID, "there is no member \"%.*s\" in this format",
                             (int)(member->name.size > 80 ? 80 : member->name.size),
                             member->name.data);
        if (member->value.kind != field->kind)
            return error_set(err, ERROR_INVALID, "\"%s\" is of kind %s, expected %s", field->name,
                             value_kind_name(member->value.kind), value_kind_name(field->kind));
        if (field->kind == VALUE_STRING &&
            (member->value.string.size == 0 || member->value.string.size > RECORDING_TEXT_MAX))
            return error_set(err, ERROR_INVALID, "\"%s\" is of %zu bytes, expected 1 to %d",
                             field->name, member->value.string.size, RECORDING_TEXT_MAX);
    }
    return true;
}

bool recording_check(const struct value *object, const struct recording_field *fields, size_t count,
                     struct error *err)
{
    if (object->kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, "expected an object, found %s",
                         value_kind_name(object->kind));
    if (!check_members(object, fields, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && !value_get(object, fields[i].name))
            return error_set(err, ERROR_INVALID, "the member \"%s\" is missing", fields[i].name);
    }
    return true;
}
