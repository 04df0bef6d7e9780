/* Data-parallel loops whose result does not depend on the number of threads.
 *
 * The elements are cut into blocks of a fixed size that never depends on the thread count. Each block is done
 * by one thread; what blocks produce is merged by the caller in block order. A parallel region costs about
 * 10 us, so a loop of few blocks runs on the calling thread. */
#ifndef JW_BASE_PARALLEL_H
#define JW_BASE_PARALLEL_H

#include <stdint.h>

/* Called once per block with its half-open range [begin, end). Writes only to the block's own elements and
 * buffers. */
typedef void (*jw_block_function)(void *context, uint32_t block, uint32_t begin, uint32_t end);

uint32_t jw_block_count(uint32_t element_count, uint32_t block_size);
/* threads <= 1, or fewer than two blocks: serial, in block order. */
void jw_parallel_blocks(uint32_t element_count, uint32_t block_size, int threads, jw_block_function function,
                        void *context);
/* The calling thread, and those that it starts from now on, give way to the process's first one and its like:
 * of a processor that both want they get a tenth. For good. */
void jw_thread_give_way(void);
/* Logical processors this process may use. */
int jw_processor_count(void);

#endif
