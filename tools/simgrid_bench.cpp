// The flows of `jingwei bench network --list FOLDER` by SimGrid 3.32, over the same wires: how long it takes,
// and the mean time to complete, which must be ours. Reads the list from standard input.
//   g++ -O2 -std=c++17 tools/simgrid_bench.cpp -o simgrid_bench -lsimgrid
//   ./simgrid_bench --cfg=network/optim:Full --cfg=network/model:CM02 --cfg=network/TCP-gamma:0
//       --cfg=network/crosstraffic:0 --log=root.thres:error <FOLDER/burst.txt
#include <simgrid/s4u.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <vector>
namespace sg4 = simgrid::s4u;
struct flow {
    double start_s;
    sg4::Host *from, *to;
    double bytes;
};
static double cpu_s()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
int main(int c, char **v)
{
    sg4::Engine e(&c, v);
    auto *z = sg4::create_full_zone("z");
    unsigned wires, count;
    double bytes_per_s;
    if (scanf("wires %u %lf flows %u", &wires, &bytes_per_s, &count) != 3)
        return 1;
    std::vector<sg4::Link *> links;
    for (unsigned i = 0; i < wires; i++)
        links.push_back(z->create_link("l" + std::to_string(i), bytes_per_s)->seal());
    // A host for each end, and as many more for a destination as there are ways to it.
    std::map<std::pair<unsigned, unsigned>, sg4::Host *> hosts;
    auto host = [&](unsigned node, unsigned way) {
        auto &h = hosts[{node, way}];
        if (!h)
            h = z->create_host("h" + std::to_string(node) + "." + std::to_string(way), "1Gf")->seal();
        return h;
    };
    std::map<std::pair<unsigned, unsigned>, std::vector<std::vector<unsigned>>> ways;
    std::vector<flow> flows(count);
    for (auto &f : flows) {
        unsigned from, to, hops;
        if (scanf("%lf %u %u %lf %u", &f.start_s, &from, &to, &f.bytes, &hops) != 5)
            return 1;
        std::vector<unsigned> way(hops);
        for (auto &w : way)
            if (scanf("%u", &w) != 1 || w >= wires)
                return 1;
        auto &known = ways[{from, to}];
        auto place = std::find(known.begin(), known.end(), way);
        unsigned number = (unsigned)(place - known.begin());
        f.from = host(from, 0), f.to = host(to, number + 1);
        if (place == known.end()) {
            known.push_back(way);
            std::vector<sg4::LinkInRoute> route;
            for (unsigned w : way)
                route.emplace_back(links[w]);
            z->add_route(f.from->get_netpoint(), f.to->get_netpoint(), nullptr, nullptr, route, false);
        }
    }
    z->seal();
    double begin_s = cpu_s();
    sg4::Actor::create("launcher", flows[0].from, [&] {
        std::vector<sg4::CommPtr> comms;
        for (auto &f : flows) {
            if (f.start_s > sg4::Engine::get_clock())
                sg4::this_actor::sleep_until(f.start_s);
            comms.push_back(sg4::Comm::sendto_async(f.from, f.to, (uint64_t)f.bytes));
        }
        for (auto &x : comms)
            x->wait();
        double sum_s = 0;
        for (unsigned i = 0; i < count; i++)
            sum_s += comms[i]->get_finish_time() - flows[i].start_s;
        double took_s = cpu_s() - begin_s;
        printf("%u flows: %.4g k flows/s of processor time, %.6f s to complete in the mean\n", count,
               count / took_s / 1e3, sum_s / count);
    });
    e.run();
}
