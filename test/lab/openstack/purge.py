#!/usr/bin/python3
"""purge.py [PREFIX]: removes the servers of project `desktops` whose names begin so, or all, and waits until they are gone."""
import sys
from concurrent.futures import ThreadPoolExecutor

from by_hand import login, nova, wait

prefix = sys.argv[1] if len(sys.argv) > 1 else ''
login('lab-admin')


def left():
    servers = nova('GET', '/servers/detail?limit=1000')['servers']
    return [server for server in servers if server['name'].startswith(prefix)]


def remove(server):
    if server['OS-EXT-STS:task_state'] != 'deleting':
        nova('DELETE', '/servers/' + server['id'])


found = left()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(remove, found))
wait('the servers to be gone', lambda: not left(), 600)
print('removed %d servers' % len(found))
