#include "path.h"

#include "value.h"

bool caws_visit(const caws_type *type, const void *value, caws_path path, caws_visitor see,
                void *context)
{
    if (type->kind == CAWS_KIND_LIST) {
        caws_any_list list = caws_load_list(value);
        for (size_t i = 0; i < list.count; i++)
            if (!caws_visit(type->members[0].type, caws_at(list.items, i * type->size), path, see,
                            context))
                return false;
        return true;
    }
    if (path.step_count == 0)
        return see(context, type, value);
    const caws_member *member = &type->members[path.steps[0]];
    const void *next = caws_member_value(member, value);
    const caws_path rest = {path.steps + 1, (uint16_t)(path.step_count - 1)};
    return next == NULL || caws_visit(member->type, next, rest, see, context);
}
