#include <stdio.h>

int main(void)
{
    puts("nothing");
    return 0;
}
