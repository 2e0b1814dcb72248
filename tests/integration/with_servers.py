"""Runs a program with the test servers around it:

    with_servers.py [--timeout SECONDS] -- PROGRAM [ARGUMENT...]

The program finds them in its environment, which otherwise has no AWS_ variables:

    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION   a user that moto accepts
    CAWS_TEST_MOTO_URL                                     moto, with signature checking on
    CAWS_TEST_LOG_GROUP, CAWS_TEST_BUCKET                  exist there; the group has 20 events
    CAWS_TEST_PAGES                                        what log groups of many pages begin with:
                                                           see MotoServer.create_pages
    CAWS_TEST_FAULT_URL                                    see fault_scenarios.py
    CAWS_TEST_TLS_URL, CAWS_TEST_CA_FILE                   the same over TLS, and whom to trust
    CAWS_TEST_CROWD_URL                                    see crowd_server.py
    CAWS_TEST_TLS_{BADHOST,EXPIRED,UNTRUSTED}_URL          certificates to refuse
    CAWS_TEST_{CONTROL,CONTAINER,IMDS,SERVICE,PROXY}_PORT  see credential_server.py
    CAWS_TEST_{RESETTING,RESETTING_TLS,PROXY}_URL          see guest_servers.py
    CAWS_TEST_{IPV6,HTTP2}_URL, CAWS_TEST_HTTP2_CA_FILE    the same, where there is IPv6, or nginx

The exit status is the program's; 124 if it took too long.
"""

import argparse
import contextlib
import subprocess
import sys

import credential_server
import crowd_server
import guest_servers
import harness


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    harness.end_on_signals()

    with contextlib.ExitStack() as stack:
        moto = stack.enter_context(contextlib.closing(harness.MotoServer()))
        faults = stack.enter_context(contextlib.closing(harness.FaultServers()))
        crowd = stack.enter_context(contextlib.closing(crowd_server.CrowdServer()))
        credentials = stack.enter_context(credential_server.running())
        guests = stack.enter_context(contextlib.closing(guest_servers.GuestServers(faults)))
        environment = (moto.environment() | faults.environment() | credentials.environment() |
                       guests.environment())
        environment["CAWS_TEST_MOTO_URL"] = moto.url
        environment["CAWS_TEST_LOG_GROUP"] = moto.create_log_group(harness.recent_events(20))
        environment["CAWS_TEST_PAGES"] = moto.create_pages("/caws/pages/")
        environment["CAWS_TEST_CROWD_URL"] = crowd.url
        environment["CAWS_TEST_BUCKET"] = moto.create_bucket()
        try:
            with harness.running(arguments.command, environment) as program:
                status = program.wait(arguments.timeout)
        except subprocess.TimeoutExpired:
            print(f"with_servers: no end after {arguments.timeout:g} s", file=sys.stderr)
            return 124
        except OSError as error:
            print(f"with_servers: {error}", file=sys.stderr)
            return 127
        return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
