"""A crowd at work while a storm goes over the nodes."""
import time

from .crowd import Crowd
from .process import memory_bytes

MORE = 900  # seconds at most, until there are enough writes: machines differ


def endure(shop, storm, seed, figure, name, seconds, writes, pause):
    """Sessions on all nodes, the storm for its time and until they wrote enough, calm, and the judgement."""
    began = time.monotonic()
    with Crowd(shop, seed, pause=pause) as crowd:
        def goes_on():
            crowd.stay_signed_in()
            passed = time.monotonic() - began
            return passed < seconds + MORE and (passed < seconds or not crowd.have(writes))
        steady = memory(shop)
        storm.follow(goes_on)
        lasted = time.monotonic() - began
        storm.calm()
        shop.active(within=10)
        crowd.wait_for(100)
    shop.wait_whole()
    crowd.judge()
    assert crowd.writes >= writes, f"{crowd.writes} writes are too few to judge"
    figure(name + "what broke", ", ".join(f"{times} {kind}" for kind, times in sorted(storm.done.items())) + f" in {lasted:.0f} s")
    figure(name + "memory of the nodes before and after", f"{steady} and {memory(shop)} MiB")
    crowd.tell(figure, name)


def memory(shop):
    return "/".join(f"{memory_bytes(node.pid) / 2**20:.0f}" for node in shop.nodes)
