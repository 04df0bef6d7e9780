/* Which font letters are drawn with: one that has Chinese, where the system has one. */
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Noto's collection holds Japanese, Korean, simplified Chinese in this order. */
static const struct {
    const char *path;
    int face;
} fonts[] = {
    {"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0},
    {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2},
    {"/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc", 2},
    {"/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf", 0},
};

/* Dear ImGui asserts on files that are no fonts: looked at before. */
static bool is_font(const char *path, int face)
{
    uint8_t head[12] = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t size = fread(head, 1, sizeof head, file);
    fclose(file);
    if (size != sizeof head)
        return false;
    if (memcmp(head, "ttcf", 4) == 0) /* a collection: version, number of faces */
        return (uint32_t)face <
               ((uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 | (uint32_t)head[10] << 8 | head[11]);
    return face == 0 &&
           (memcmp(head, "OTTO", 4) == 0 || memcmp(head, "true", 4) == 0 || memcmp(head, "\0\1\0\0", 4) == 0);
}

const char *jw_view_find_font(int *out_face)
{
    *out_face = 0;
    const char *chosen = getenv("JINGWEI_FONT");
    if (chosen)
        return is_font(chosen, 0) ? chosen : NULL;
    for (uint32_t i = 0; i < JW_COUNT_OF(fonts); i++)
        if (is_font(fonts[i].path, fonts[i].face)) {
            *out_face = fonts[i].face;
            return fonts[i].path;
        }
    return NULL;
}
