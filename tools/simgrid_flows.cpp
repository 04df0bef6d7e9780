// Completion times of a list of flows over a tree of hosts, by SimGrid 3.32: made
// tests/data/network/tree_flows.txt. Reads "links N", N lines "parent bytes/s latency_s" (line i hangs node i
// on its parent, 0 is the root), "flows M", M lines "start_s from to bytes"; writes the M lines with each
// flow's time in seconds added.
//   g++ -O1 -std=c++17 tools/simgrid_flows.cpp -o simgrid_flows -lsimgrid
//   ./simgrid_flows --cfg=network/model:CM02 --cfg=network/optim:Full --cfg=network/TCP-gamma:0
//       --cfg=network/crosstraffic:0 <list
#include <simgrid/s4u.hpp>
#include <cstdio>
#include <vector>
#include <string>
namespace sg4 = simgrid::s4u;
int main(int c, char **v)
{
    sg4::Engine e(&c, v);
    auto *z = sg4::create_full_zone("z");
    int n, m;
    if (scanf("links %d", &n) != 1)
        return 1;
    std::vector<int> parent(n + 1, -1), depth(n + 1, 0);
    std::vector<sg4::Link *> up(n + 1), down(n + 1);
    std::vector<sg4::Host *> h(n + 1);
    h[0] = z->create_host("h0", "1Gf")->seal();
    for (int i = 1; i <= n; i++) {
        double bps, s;
        if (scanf("%d %lf %lf", &parent[i], &bps, &s) != 3)
            return 1;
        depth[i] = depth[parent[i]] + 1;
        up[i] = z->create_link("u" + std::to_string(i), bps)->set_latency(s)->seal();
        down[i] = z->create_link("d" + std::to_string(i), bps)->set_latency(s)->seal();
        h[i] = z->create_host("h" + std::to_string(i), "1Gf")->seal();
    }
    for (int a = 0; a <= n; a++)
        for (int b = 0; b <= n; b++) {
            if (a == b)
                continue;
            std::vector<sg4::LinkInRoute> r, tail;
            int x = a, y = b;
            while (x != y)
                if (depth[x] >= depth[y]) {
                    r.emplace_back(up[x]);
                    x = parent[x];
                } else {
                    tail.emplace_back(down[y]);
                    y = parent[y];
                }
            r.insert(r.end(), tail.rbegin(), tail.rend());
            z->add_route(h[a]->get_netpoint(), h[b]->get_netpoint(), nullptr, nullptr, r, false);
        }
    z->seal();
    if (scanf(" flows %d", &m) != 1)
        return 1;
    std::vector<double> at(m), size(m);
    std::vector<int> from(m), to(m);
    for (int i = 0; i < m; i++)
        if (scanf("%lf %d %d %lf", &at[i], &from[i], &to[i], &size[i]) != 4)
            return 1;
    sg4::Actor::create("launcher", h[0], [&] {
        std::vector<sg4::CommPtr> comms;
        for (int i = 0; i < m; i++) {
            sg4::this_actor::sleep_until(at[i]);
            comms.push_back(sg4::Comm::sendto_async(h[from[i]], h[to[i]], (uint64_t)size[i]));
        }
        for (auto &x : comms)
            x->wait();
        for (int i = 0; i < m; i++)
            printf("%.6f %d %d %.0f %.9f\n", at[i], from[i], to[i], size[i],
                   comms[i]->get_finish_time() - at[i]);
    });
    e.run();
}
