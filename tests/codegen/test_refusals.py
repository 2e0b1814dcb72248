"""Everything that is refused: the exact line, and that nothing was touched."""

import pytest

SERVICE = "model/zoo/2020-01-01/service-2.json"
WAITERS = "model/zoo/2020-01-01/waiters-2.json"
PAGINATORS = "model/zoo/2020-01-01/paginators-1.json"


def shape(name, **changes):
    return {"shapes": {name: changes}}


def member(name, owner="Keeper", **reference):
    return {"shapes": {owner: {"members": {name: reference}}}}


def operation(**changes):
    return {"operations": {"Feed": changes}}


def structure(**changes):
    return {"type": "structure", "members": {}, **changes}


# What is changed in the model, and the line that must come of it, after the file's name.
MODEL = [
    # References.
    (member("name", shape="Sting"),
     "shape Keeper: member name: shape Sting is not defined; near: String"),
    (member("name", shape="Qqqqq"), "shape Keeper: member name: shape Qqqqq is not defined"),
    (member("name", shape=None), "shape Keeper: member name: shape is missing"),
    (shape("StringList", member={"shape": "Nothing"}),
     "shape StringList: member: shape Nothing is not defined"),
    (shape("TagMap", value={"shape": "Nothing"}),
     "shape TagMap: value: shape Nothing is not defined"),
    (shape("TagMap", key={"shape": "Integer"}),
     "shape TagMap: key: Integer is of type integer; a key must be a string"),
    (shape("Unraised", members={"why": {"shape": "Nothing"}}),
     "shape Unraised: member why: shape Nothing is not defined"),
    (operation(input={"shape": "Mael"}),
     "operation Feed: input: shape Mael is not defined; near: Meal"),
    (operation(output={"shape": "String"}),
     "operation Feed: output: String is of type string; it must be a structure"),
    (operation(errors=[{"shape": "Gone"}]), "operation Feed: errors: shape Gone is not defined"),
    (operation(errors=[{"shape": "Meal"}]), "operation Feed: errors: shape Meal is not an exception"),
    (operation(name="Fed"), "operation Feed: its name is given as Fed"),
    (operation(name=None), "operation Feed: name is missing"),
    # Traits.
    (shape("String", colour="red"),
     "shape String: the trait colour is not known here; known are box, deprecated, deprecatedMessage,"
     " deprecatedSince, documentation, enum, locationName, max, maxBytes, min, pattern, sensitive,"
     " type"),
    (shape("Integer", pattern="1"),
     "shape Integer: the trait pattern is not known here; known are box, deprecated,"
     " deprecatedMessage, deprecatedSince, documentation, locationName, max, min, sensitive, type"),
    (member("name", colour="red"),
     "shape Keeper: member name: the trait colour is not known here; known are box, contextParam,"
     " deprecated, deprecatedMessage, deprecatedSince, documentation, eventheader, eventpayload,"
     " flattened, hostLabel, idempotencyToken, jsonvalue, location, locationName, shape, streaming,"
     " timestampFormat, xmlAttribute, xmlNamespace"),
    (operation(colour="red"),
     "operation Feed: the trait colour is not known here; known are auth, authtype, deprecated,"
     " deprecatedMessage, deprecatedSince, documentation, documentationUrl, endpoint,"
     " endpointdiscovery, endpointoperation, errors, http, idempotent, input, name,"
     " operationContextParams, output, readonly, requestcompression, staticContextParams,"
     " unsignedPayload"),
    (operation(http={"verb": "POST"}),
     "operation Feed: http: the trait verb is not known here; known are method, requestUri,"
     " responseCode"),
    ({"metadata": {"colour": "red"}},
     "metadata: the trait colour is not known here; known are apiVersion, auth, awsQueryCompatible,"
     " endpointPrefix, jsonVersion, protocol, protocolSettings, protocols, ripServiceName,"
     " serviceAbbreviation, serviceFullName, serviceId, signatureVersion, signingName, targetPrefix,"
     " uid, xmlNamespace"),
    ({"colour": "red"},
     "the trait colour is not known here; known are clientContextParams, documentation, examples,"
     " metadata, operations, shapes, version"),
    (member("name", timestampFormat="sundial"),
     "shape Keeper: member name: timestampFormat sundial is not known; known are unixTimestamp,"
     " iso8601, rfc822"),
    (member("name", location="cave"),
     "shape Keeper: member name: location cave is not known; known are header, headers, uri,"
     " querystring, statusCode"),
    (operation(authtype="handshake"),
     "operation Feed: authtype handshake is not known; known are none, v4, v4-unsigned-body"),
    (shape("Boolean", sensitive="yes"), "shape Boolean: sensitive must be true or false"),
    (shape("String", min="1"), "shape String: min must be a whole number"),
    (shape("String", min=True), "shape String: min must be a whole number"),
    (shape("Keeper", required=["name", 5]), "shape Keeper: required must be a list of strings"),
    # Types.
    (shape("Seal", type="mammal"),
     "shape Seal: type mammal is not known; known are blob, boolean, byte, double, float, integer,"
     " list, long, map, short, string, structure, timestamp"),
    (shape("Seal", type=None), "shape Seal: type is missing"),
    (shape("Seal", members=None), "shape Seal: members is missing"),
    (shape("StringList", member=None), "shape StringList: member is missing"),
    (shape("TagMap", value=None), "shape TagMap: value is missing"),
    # Constraints.
    (shape("Keeper", required=["nane"]),
     "shape Keeper: required: there is no member nane; near: name"),
    (shape("Keeper", payload="body"), "shape Keeper: payload: there is no member body"),
    (shape("Age", min=301), "shape Age: min 301 is greater than max 300"),
    (shape("AnimalName", min=-1), "shape AnimalName: min is -1; a length must not be negative"),
    (shape("House", maxBytes=-7), "shape House: maxBytes is -7; a length must not be negative"),
    (shape("Age", min=0.5), "shape Age: min is 0.5; it must be a whole number"),
    (shape("LegCount", max=2**63),
     "shape LegCount: max is 9223372036854775808; it must fit in 64 bits"),
    (shape("AnimalClass", enum=["a", 5]), "shape AnimalClass: enum: 5 is not a string"),
    (shape("AnimalClass", enum=["a", "a"]), 'shape AnimalClass: enum: "a" stands twice'),
    (shape("AnimalClass", enum=[]), "shape AnimalClass: enum: has no values"),
    (operation(endpoint={"hostPrefix": "{food}."}),
     "operation Feed: endpoint: the input has no member food with hostLabel"),
    # The service.
    ({"version": "3.0"}, "version 3.0 is not known, only 2.0"),
    ({"metadata": None}, "metadata is missing"),
    ({"metadata": {"protocol": "pigeon"}},
     "metadata: protocol pigeon is not known; known are ec2, json, query, rest-json, rest-xml,"
     " smithy-rpc-v2-cbor"),
    ({"metadata": {"protocol": "rest-json", "protocols": ["rest-json"]}},
     "metadata: protocol rest-json is not supported yet, only json"),
    ({"metadata": {"signatureVersion": "v2"}},
     "metadata: signatureVersion v2 is not supported, only v4"),
    ({"metadata": {"jsonVersion": "2"}}, "metadata: jsonVersion 2 is not known; known are 1.0, 1.1"),
    ({"metadata": {"targetPrefix": None}}, "metadata: targetPrefix is missing"),
    # Names.
    (member("Name", shape="String"),
     "shape Keeper: member Name and member name both become name in C"),
    (member("Left", owner="AdoptAnimalRequest", shape="String"),
     "shape AdoptAnimalRequest: member Left and member left both become left in C"),
    ({"shapes": {"ANIMAL": structure()}},
     "shape ANIMAL: shape ANIMAL and shape Animal both become caws_zoo_animal in C"),
    ({"shapes": {"AnimalMapEntry": structure()}},
     "shape AnimalMapEntry: shape AnimalMapEntry and shape AnimalMap entry both become"
     " caws_zoo_animal_map_entry in C"),
    ({"operations": {"feed": {"name": "feed"}}},
     "operation feed and operation Feed both become feed in C"),
    ({"operations": {"PaginateFeed": {"name": "PaginateFeed"}}},
     "paginator Feed and operation PaginateFeed both become paginate_feed in C"),
    ({"operations": {"Tables": {"name": "Tables"}}},
     "operation Tables and tables file both become tables in C"),
    ({"shapes": {"FEDTooMuch": structure(exception=True)}},
     "shape FedTooMuch and shape FEDTooMuch both become CAWS_ZOO_FED_TOO_MUCH in C"),
    ({"shapes": {"Doze": {"type": "string", "enum": ["off"]}, "DozeOff": structure(exception=True)}},
     "shape Doze: shape Doze value off and shape DozeOff both become CAWS_ZOO_DOZE_OFF in C"),
    # Not supported yet.
    (shape("Diet", eventstream=True),
     "operation AdoptAnimal: shape Diet: an event stream is supported as a member of an output alone;"
     " one in an input would need HTTP/2 in both directions at once"),
    ({"shapes": {"Keeper": {"members": {"sights": {"shape": "ZooEvents"}}}}},
     "operation AdoptAnimal: shape ZooEvents: an event stream is supported as a member of an output"
     " alone; one in an input would need HTTP/2 in both directions at once"),
    # Event streams.
    ({"shapes": {"WatchZooResponse": {"members": {"more": {"shape": "ZooEvents"}}}}},
     "operation WatchZoo: the output has 2 event streams; it can have one"),
    (member("gong", owner="ZooEvents", shape="Integer"),
     "shape ZooEvents: member gong: Integer is of type integer; an event must be a structure"),
    (member("roar", owner="ZooEvents", shape="Roar"),
     "operation WatchAnimals: event roar and event Roar both become roar in C"),
    (member("KeepGoing", owner="ZooEvents", shape="Roar"),
     "operation WatchAnimals: event KeepGoing and the handler's keep_going both become keep_going in"
     " C"),
    (member("tags", owner="Roar", shape="TagMap", eventheader=True),
     "shape Roar: member tags: an eventheader cannot be of type map"),
    (member("tags", owner="Roar", shape="TagMap", eventpayload=True),
     "shape Roar: member tags: an eventpayload cannot be of type map"),
    (member("more", owner="Snapshot", shape="String", eventpayload=True),
     "shape Snapshot: data and more are both eventpayload; one member can be"),
    ({"shapes": {"WatchZooHandler": structure()}, "operations": {"WatchZooHandler": {
        "name": "WatchZooHandler"}}},
     "operation WatchZooHandler and operation WatchZoo handler both become"
     " caws_zoo_watch_zoo_handler in C"),
    ({"shapes": {"Seal": {"document": True}}},
     "operation CountVisitors: shape Seal: documents are not supported yet"),
]


def acceptor(**changes):
    fields = {"state": "success", "matcher": "path", "argument": "cage.cage", "expected": "x"}
    fields.update(changes)
    fields = {key: value for key, value in fields.items() if value is not None}
    return {"waiters": {"ZooEmpty": {"acceptors": [fields]}}}


FIRST = "waiter ZooEmpty: acceptor 1: "
WAITER = [
    ({"version": 1}, "version 1 is not known, only 2"),
    ({"waiters": {"Fed": {"operation": "Fee"}}},
     "waiter Fed: operation Fee is not defined; near: Feed"),
    ({"waiters": {"Fed": {"delay": 0}}}, "waiter Fed: delay is 0; it must be from 1 to 4000000"),
    ({"waiters": {"Fed": {"maxAttempts": 65536}}},
     "waiter Fed: maxAttempts is 65536; it must be from 1 to 65535"),
    ({"waiters": {"Fed": {"delay": "1"}}}, "waiter Fed: delay must be of type int"),
    ({"waiters": {"Fed": {"acceptors": None}}}, "waiter Fed: acceptors is missing"),
    ({"waiters": {"Fed": {"colour": "red"}}},
     "waiter Fed: colour is not known here; known are operation, delay, maxAttempts, acceptors,"
     " description"),
    ({"waiters": {"Fed": {"acceptors": [{"state": "success", "matcher": "path", "expected": "x",
                                         "argument": "a"}]}}},
     "waiter Fed: acceptor 1: argument a: FeedAgain has no output"),
    (acceptor(state="happy"),
     FIRST + "state happy is not known; known are success, failure, retry"),
    (acceptor(matcher="pathNone"),
     FIRST + "matcher pathNone is not known; known are path, pathAll, pathAny, status, error"),
    (acceptor(argument=None), FIRST + "argument is missing"),
    (acceptor(argument="cag"),
     FIRST + "argument cag: shape CountVisitorsResponse has no member cag; near: cage"),
    (acceptor(argument="names"), FIRST + "argument names: names is a list; write names[]"),
    (acceptor(argument="grid[]"), FIRST + "argument grid[]: grid is a list; write grid[]"),
    (acceptor(argument="cage[]"), FIRST + "argument cage[]: cage is not a list; write it without []"),
    (acceptor(argument="cage..cage"),
     FIRST + "argument cage..cage: an empty name is not possible; a path is made of names, . and []"),
    (acceptor(),
     FIRST + 'expected "x" cannot be compared with type structure; only strings and booleans can'),
    (acceptor(matcher="pathAny", argument="flags[]"),
     FIRST + 'expected "x" cannot be compared with type boolean; only strings and booleans can'),
    (acceptor(matcher="pathAny", argument="classes[]", expected="MAMAL"),
     FIRST + "expected MAMAL is no value of AnimalClass; near: MAMMAL"),
    (acceptor(matcher="status"), FIRST + 'expected "x" is no HTTP status'),
    (acceptor(matcher="error", expected=5), FIRST + "expected 5 is no error code"),
    (acceptor(matcher="pathAny", argument="names[]", message="longs[]"),
     FIRST + "message longs[]: leads to type long, not to a string"),
    (acceptor(matcher="error", expected="Gone", message="names[]"),
     FIRST + "message names[]: must be a member of the structure that argument ends in"),
]


def paginator(**changes):
    return {"pagination": {"Feed": changes}}


FEED = "paginator Feed: "
PAGINATOR = [
    ({"version": "2"}, "version 2 is not known, only 1.0"),
    ({"version": 1}, "version must be of type str"),
    ({"colour": "red"}, "colour is not known here; known are pagination, version"),
    ({"pagination": None}, "pagination is missing"),
    ({"pagination": []}, "pagination must be of type dict"),
    ({"pagination": {"Fed": {"input_token": "food", "output_token": "rest.food"}}},
     "paginator Fed: operation Fed is not defined; near: Feed"),
    ({"pagination": {"Feed": 5}}, FEED + "must be an object"),
    (paginator(colour="red"),
     FEED + "colour is not known here; known are input_token, output_token, result_key, limit_key,"
     " more_results, non_aggregate_keys, description"),
    (paginator(input_token=None), FEED + "input_token is missing"),
    (paginator(output_token=5), FEED + "output_token must be of type str or list"),
    (paginator(input_token=[]), FEED + "input_token must be a name, or a list of names"),
    (paginator(input_token=["food", 5]), FEED + "input_token must be a name, or a list of names"),
    (paginator(input_token=["food", "house"]),
     FEED + "input_token has 2 names and output_token 1; each goes with one"),
    (paginator(input_token=["food", "food"], output_token=["rest.food", "rest.house"]),
     FEED + "input_token has a name twice"),
    (paginator(input_token="fodo"),
     FEED + "input_token fodo: shape Meal has no member fodo; near: food"),
    (paginator(output_token="rest.fodo"),
     FEED + "output_token rest.fodo: shape Meal has no member fodo; near: food"),
    (paginator(output_token="rest.food.x"),
     FEED + "output_token rest.food.x: shape String has no member x"),
    (paginator(output_token=""),
     FEED + "output_token : an empty name is not possible; a path is made of names, . and []"),
    (paginator(output_token="rest.9"),
     FEED + "output_token rest.9: 9 is not possible; a path is made of names, . and []"),
    (paginator(more_results="moar"),
     FEED + "more_results moar: shape FeedOutput has no member moar; near: more"),
    ({"pagination": {"CountVisitors": {"input_token": "a", "output_token": "names"}}},
     "paginator CountVisitors: input_token a: CountVisitors has no input"),
    ({"pagination": {"FeedAgain": {"input_token": "food", "output_token": "food"}}},
     "paginator FeedAgain: output_token food: FeedAgain has no output"),
    ({"pagination": {"AdoptAnimal": {"output_token": ["name", "friends.name"]}}},
     "paginator AdoptAnimal: output_token friends.name: friends is a list; write friends[]"),
]


def refused(project, capsys, line):
    """generate says exactly this and touches nothing."""
    folder = project.root / "generated" / "zoo" / "src"
    folder.mkdir(parents=True)
    (folder / "gone.c").write_text("/* Generated by ./dev generate */\n")
    before = project.generated()
    assert project.run("generate") == 1
    output = capsys.readouterr()
    assert output.err == line + "\n"
    assert output.out == ""
    assert project.generated() == before


@pytest.mark.parametrize(("changes", "line"), MODEL, ids=[line[:60] for _, line in MODEL])
def test_model(project, capsys, changes, line):
    project.patch(changes)
    refused(project, capsys, f"{SERVICE}: {line}")


@pytest.mark.parametrize(("changes", "line"), WAITER, ids=[line[:70] for _, line in WAITER])
def test_waiters(project, capsys, changes, line):
    project.patch(changes, "waiters-2.json")
    refused(project, capsys, f"{WAITERS}: {line}")


@pytest.mark.parametrize(("changes", "line"), PAGINATOR, ids=[line[:70] for _, line in PAGINATOR])
def test_paginators(project, capsys, changes, line):
    project.patch(changes, "paginators-1.json")
    refused(project, capsys, f"{PAGINATORS}: {line}")


def test_model_is_complete_before_the_change(project):
    assert project.run("generate") == 0


@pytest.mark.parametrize(("text", "line"), [
    ('{"version": "2.0",\n "shapes": ', "line 2, column 12: Expecting value"),
    ("", "line 1, column 1: Expecting value"),
    ("[]", "must be an object"),
    ('{"shapes": {}, "shapes": {}}', "the name shapes stands twice in one object"),
])
def test_text(project, capsys, text, line):
    project.path().write_text(text)
    project.path("service-2.sdk-extras.json").unlink()
    refused(project, capsys, f"{SERVICE}: {line}")


def test_not_utf8(project, capsys):
    project.path().write_bytes(b'{"a": "\xff"}')
    refused(project, capsys, f"{SERVICE}: is not UTF-8 at byte 7")


def test_no_file(project, capsys):
    project.path().unlink()
    refused(project, capsys, f"{SERVICE}: cannot be read: No such file or directory")


def test_extras_for_what_is_not_there(project, capsys):
    """A member that has left the model must not live on in our own texts unseen."""
    project.patch({"shapes": {"AdoptAnimalRequest": {"required": ["class"]}}})
    project.patch({"merge": {"shapes": {"Plaet": {"maxBytes": 7}}}}, "service-2.sdk-extras.json")
    refused(project, capsys, f"{SERVICE}: shape Plaet: type is missing")


def test_extras_for_an_operation_that_is_not_there(project, capsys):
    project.patch({"merge": {"operations": {"Fead": {"documentation": "Gone."}}}},
                  "service-2.sdk-extras.json")
    refused(project, capsys, f"{SERVICE}: operation Fead: name is missing")


def test_extras_of_another_version(project, capsys):
    project.patch({"version": 2.0}, "service-2.sdk-extras.json")
    refused(project, capsys, "model/zoo/2020-01-01/service-2.sdk-extras.json: version 2.0 is not"
            " known, only 1.0")


@pytest.mark.parametrize(("text", "line"), [
    ('[zoo]\nmodel = "zoo/2020-01-01"\noperations = ["Fed", "Label"]',
     "[zoo]: operation Fed is not in model/zoo/2020-01-01/service-2.json; near: Feed"),
    ('[zoo]\nmodel = "zoo/2020-01-01"\noperations = "some"',
     '[zoo]: operations must be a list of names, or "all"'),
    ('[zoo]\nmodel = "zoo/2020-01-01"', '[zoo]: operations must be a list of names, or "all"'),
    ('[zoo]\noperations = "all"', "[zoo]: model must be a folder under model/, as a string"),
    ('[Zoo]\nmodel = "zoo/2020-01-01"\noperations = "all"',
     "[Zoo]: must be a lower-case C identifier"),
    ('[zoo]\nmodle = "zoo/2020-01-01"\noperations = "all"',
     "[zoo]: modle is not known; known are model, operations, reference"),
    ("zoo = 1", "[zoo]: must be a table"),
])
def test_configuration(project, capsys, text, line):
    project.configure(text)
    refused(project, capsys, f"codegen/caws.toml: {line}")


def test_partitions(project, capsys):
    path = project.root / "model" / "partitions.json"
    path.write_text(path.read_text().replace('"isle.example"', "5", 1))
    refused(project, capsys,
            "model/partitions.json: partition aws-isle: outputs: dnsSuffix must be of type str")
