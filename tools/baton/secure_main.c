#include "secure.h"

int main(int argc, char **argv)
{
    return secure_command(argc, argv);
}
