#include "instruction.h"

#include "../marks.h"

enum { MARK_SIZE = 7, PREFIX_REPNE = 0xF2, PREFIX_REP = 0xF3, PREFIX_OPERAND = 0x66 };
enum { PREFIX_ADDRESS = 0x67, REX = 0x40, REX_W = 8, MOV_TO_MEMORY = 0x89, MOV_NUMBER = 0xC7 };

static bool is_mark(const uint8_t *bytes, size_t size)
{
    return size == MARK_SIZE && bytes[0] == 0x0F && bytes[1] == 0x1F && bytes[2] == 0x80 &&
           (bytes[5] | bytes[6] << 8) == MARK_BASE >> 16;
}

/* movs, cmps, stos, scas; with bit 0 the operand has more than a byte. */
static bool is_string(uint8_t opcode)
{
    uint8_t family = opcode & 0xFE;
    return family == 0xA4 || family == 0xA6 || family == 0xAA || family == 0xAE;
}

static unsigned width_of(uint8_t opcode, bool wide, bool short_operand)
{
    if ((opcode & 1) == 0) {
        return 0;
    }
    if (wide) {
        return 3;
    }
    return short_operand ? 1 : 2;
}

struct instruction instruction_of(const uint8_t *bytes, size_t size)
{
    struct instruction instruction = {0};
    bool rep = false;
    bool short_operand = false;
    bool wide = false;
    size_t at = 0;
    if (is_mark(bytes, size)) {
        instruction.is_mark = true;
        instruction.mark = bytes[3] | (uint32_t)bytes[4] << 8;
    }
    for (; at < size; at++) {
        rep = rep || bytes[at] == PREFIX_REP || bytes[at] == PREFIX_REPNE;
        short_operand = short_operand || bytes[at] == PREFIX_OPERAND;
        if (bytes[at] != PREFIX_REP && bytes[at] != PREFIX_REPNE && bytes[at] != PREFIX_OPERAND &&
            bytes[at] != PREFIX_ADDRESS) {
            break;
        }
    }
    if (at < size && (bytes[at] & 0xF0) == REX) {
        wide = (bytes[at++] & REX_W) != 0;
    }
    if (at < size) {
        uint8_t opcode = bytes[at];
        instruction.repeats = rep && is_string(opcode);
        instruction.width = width_of(opcode, wide, short_operand);
        instruction.stores = !rep && (opcode == MOV_TO_MEMORY || opcode == MOV_NUMBER);
    }
    return instruction;
}
