/* Tells what the platform is like, in one line, for the table that ./dev port prints. */
#include <float.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int main(void)
{
    const uint32_t number = 1;
    unsigned char first = 0;
    memcpy(&first, &number, 1);
    printf("platform: pointer=%zu order=%s char=%s long=%zu time=%zu double=%d\n",
           sizeof(void *) * CHAR_BIT, first == 1 ? "little" : "big",
           CHAR_MIN < 0 ? "signed" : "unsigned", sizeof(long) * CHAR_BIT, sizeof(time_t) * CHAR_BIT,
           FLT_EVAL_METHOD == 2 ? LDBL_MANT_DIG : DBL_MANT_DIG);
    return 0;
}
