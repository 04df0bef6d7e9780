#include "base/parallel.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

uint32_t jw_block_count(uint32_t element_count, uint32_t block_size)
{
    return (uint32_t)(((uint64_t)element_count + block_size - 1) / block_size);
}

void jw_parallel_blocks(uint32_t element_count, uint32_t block_size, int threads, jw_block_function function,
                        void *context)
{
    int64_t blocks = jw_block_count(element_count, block_size);
    if (threads > blocks)
        threads = (int)blocks;
        /* Which thread takes which block varies from run to run; what a block does must not depend on it. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1)
    for (int64_t block = 0; block < blocks; block++) {
        uint64_t begin = (uint64_t)block * block_size;
        uint64_t end = begin + block_size < element_count ? begin + block_size : element_count;
        function(context, (uint32_t)block, (uint32_t)begin, (uint32_t)end);
    }
}

void jw_thread_give_way(void)
{
    enum { LESS = 10 }; /* each step of niceness is a fifth less */
    /* Linux keeps niceness by thread, against POSIX; the process's number is its first thread's. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, (id_t)getpid()) + LESS);
}

int jw_processor_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
