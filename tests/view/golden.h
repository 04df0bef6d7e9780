/* Pictures against the ones in tests/data/golden, with a tolerance that lets other drivers round differently.
 * JW_WRITE_GOLDEN=1 writes them anew: look at them before committing. */
#ifndef JW_GOLDEN_H
#define JW_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

/* Where to save the picture `name` ("view_day"): here, or as the golden one when they are written anew. */
const char *golden_path(const char *name, char *out, size_t out_size);
/* The pixels of a PNG from the top, three bytes each, to be released with free; the test fails where it has
 * no such. */
uint8_t *golden_read(const char *path, int *width, int *height);
/* Fails the test when the picture at `path` is another one. */
void golden_compare(const char *name, const char *path);

#endif
