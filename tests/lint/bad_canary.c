/* Built with a stack protector, for redzone.sh to find. */
void fill(char *text);
int bad_canary(void);

int bad_canary(void)
{
    char text[64];
    fill(text);
    return text[0];
}
