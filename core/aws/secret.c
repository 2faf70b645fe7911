/* Buffers of a fixed size for secrets, wiped when they are given up. */
#include "aws/secret.h"

#include <openssl/crypto.h>

bool secret_open(struct buffer *buffer, size_t max, struct error *err)
{
    buffer_init(buffer, max);
    return buffer_reserve(buffer, max, err) != NULL;
}

void secret_wipe(struct buffer *buffer)
{
    if (buffer->data)
        OPENSSL_cleanse(buffer->data, buffer->capacity);
    buffer->size = 0;
}

void secret_clear(struct buffer *buffer)
{
    secret_wipe(buffer);
    buffer_clear(buffer);
}

void secret_wipe_slice(struct slice bytes)
{
    if (bytes.size > 0)
        OPENSSL_cleanse((char *)bytes.data, bytes.size);
}

void secret_wipe_value(struct value *value)
{
    if (value->kind == VALUE_STRING)
        secret_wipe_slice(value->string);
    for (size_t i = 0; value->kind == VALUE_ARRAY && i < value->array.count; i++)
        secret_wipe_value(&value->array.items[i]);
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value->object.count; i++)
        secret_wipe_value(&value->object.members[i].value);
}
