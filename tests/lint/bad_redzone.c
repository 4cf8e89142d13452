/* Built with a red zone, for redzone.sh to find. */
int bad_redzone(int a);

int bad_redzone(int a)
{
    volatile int below_the_stack_pointer[8] = {a};
    return below_the_stack_pointer[a & 7];
}
