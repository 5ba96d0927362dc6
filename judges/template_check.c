#include "judges/template.h"
#include "judges/template_scan.h"

bool template_check(struct slice text, const struct judge *judge, struct err *e)
{
    (void)text;
    (void)judge;
    (void)e;
    return true;
}
