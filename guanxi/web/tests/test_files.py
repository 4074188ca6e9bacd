"""Files on pages and in the API: sent, shown, handed out, refused (M11.2)."""

from __future__ import annotations

import io
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.jobs import read_content
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach
from guanxi.kernel.files.tests.conftest import pdf, picture
from guanxi.kernel.reading.kinds import UNKNOWN
from guanxi.shared.parties.models import Party
from tests.access.world import person, undone, words

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(scope="module")
def people(database, static_files):
    with undone():
        yield SimpleNamespace(
            li=person("alpha", "salesperson"), wang=person("alpha", "salesperson"), zh=person("alpha", "administrator", language="zh-hans"),
            stranger=person("beta", "administrator"),
        )


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def hers(people):
    with undone():
        with in_set("alpha"):
            made = create_record(Party, {"name": "Hengchuan"}, actor=actor_of(people.li.member.pk)).result
        yield made


def put(who: Any, record: Any, raw: bytes, name: str) -> Attachment:
    with in_set("alpha"):
        return attach(record, store(io.BytesIO(raw), name), name, actor_of(who.member.pk))


def sent(*files: tuple[str, bytes], **more: Any) -> dict[str, Any]:
    return {"key": uuid.uuid4().hex, "file": [SimpleUploadedFile(name, raw) for name, raw in files], **more}


def bytes_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


class TestPages:
    def test_several_files_are_attached_at_once_by_the_form(self, people, hers):
        answer = people.li.client.post(f"/alpha/customers/{hers.pk}/files/", sent(("a.txt", b"one"), ("../b.txt", b"two")))
        assert (answer.status_code, answer["Location"]) == (303, f"/alpha/customers/{hers.pk}/?tab=files")
        page = people.li.client.get(answer["Location"]).content.decode()
        assert "2 files attached." in page and "a.txt" in page and "b.txt" in page and "../b" not in page
        with in_set("alpha"):
            assert sorted(Attachment.objects.values_list("name", flat=True)) == ["a.txt", "b.txt"]

    def test_a_script_gets_the_answer_as_json_and_a_second_click_attaches_nothing(self, people, hers):
        given = sent(("a.txt", b"one"))
        for _turn in range(2):
            answer = people.li.client.post(f"/alpha/customers/{hers.pk}/files/", given, headers={"Accept": "application/json"})
            assert [one["name"] for one in answer.json()["files"]] == ["a.txt"]
            given["file"][0].seek(0)
        with in_set("alpha"):
            assert Attachment.objects.count() == 1

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (sent(), "Choose a file first."),
            (sent(("a.txt", b"")), "The file is empty; choose another."),
            ({"file": SimpleUploadedFile("a.txt", b"x")}, "The page was too old; load it again and repeat."),
            (sent(*[(f"{n}.txt", b"x") for n in range(51)]), "At most 50 files at a time."),
        ],
    )
    def test_what_cannot_be_taken_is_said_and_nothing_stays(self, people, hers, given, said):
        address = f"/alpha/customers/{hers.pk}/files/"
        answer = people.li.client.post(address, given, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (409, said)
        back = people.li.client.post(address, {**given, "file": []})
        assert back.status_code == 303
        with in_set("alpha"):
            assert not Attachment.objects.exists()

    def test_who_does_not_see_the_record_gets_nothing_by_any_address(self, people, hers):
        file = put(people.li, hers, picture(), "p.png")
        for who in (people.wang, people.stranger):
            for rest in ("", "preview/", "picture/1-320/", "download/", "versions/1/"):
                answer = who.client.get(f"/alpha/files/{file.pk}/{rest}")
                assert answer.status_code == 404, rest
                assert b"p.png" not in answer.content
            for address in (f"files/{file.pk}/versions/", f"customers/{hers.pk}/files/", f"files/{file.pk}/act/files.remove_file/"):
                assert who.client.post(f"/alpha/{address}", sent(("x.txt", b"x"))).status_code == 404, address
        assert people.stranger.client.get(f"/beta/files/{file.pk}/download/").status_code == 404
        with in_set("alpha"):
            assert Attachment.objects.get().number == 1

    def test_access_to_a_file_ends_with_the_access_to_its_record(self, people, hers):
        file = put(people.li, hers, b"x", "x.txt")
        assert people.li.client.get(f"/alpha/files/{file.pk}/download/").status_code == 200
        with in_set("alpha"):
            Party.objects.filter(pk=hers.pk).update(owner_id=people.wang.member.pk)
        assert people.li.client.get(f"/alpha/files/{file.pk}/download/").status_code == 404
        assert people.wang.client.get(f"/alpha/files/{file.pk}/download/").status_code == 200

    def test_a_removed_file_can_be_brought_back_from_the_record_s_history(self, people, hers):
        file = put(people.li, hers, b"x", "contract.txt")
        gone = people.li.post(f"/alpha/files/{file.pk}/act/files.remove_file/")
        assert gone["Location"] == f"/alpha/customers/{hers.pk}/"
        history = people.li.client.get(f"/alpha/customers/{hers.pk}/?tab=history").content.decode()
        assert "contract.txt" in history
        undo = history.split('action="/alpha/undo/')[1].split("/")[0]
        people.li.post(f"/alpha/undo/{undo}/")
        assert "contract.txt" in people.li.client.get(f"/alpha/customers/{hers.pk}/?tab=files").content.decode()

    def test_a_new_version_is_offered_and_the_old_one_still_handed_out(self, people, hers):
        file = put(people.li, hers, b"first", "offer.txt")
        people.li.client.post(f"/alpha/files/{file.pk}/versions/", sent(("offer 2.txt", b"second")))
        assert bytes_of(people.li.client.get(f"/alpha/files/{file.pk}/download/")) == b"second"
        assert bytes_of(people.li.client.get(f"/alpha/files/{file.pk}/versions/1/")) == b"first"
        assert people.li.client.get(f"/alpha/files/{file.pk}/versions/7/").status_code == 404

    def test_the_palette_names_the_record_of_a_file_and_the_list_shows_it_in_chinese(self, people, hers):
        file = put(people.li, hers, "滚珠丝杠".encode(), "承诺.txt")
        read_content.function("alpha", None, content_id=file.content_id)
        [group] = people.li.client.get("/alpha/search/?q=丝杠").json()["groups"]
        assert group["items"] == [{"label": "承诺.txt", "detail": "Hengchuan", "url": f"/alpha/files/{file.pk}/"}]
        page = people.zh.client.get("/alpha/files/").content.decode()
        assert "纯文本" in page and "所属记录" in page and "Hengchuan" in page

    def test_a_record_is_found_before_the_files_about_one(self, people, hers):
        for name in ("Hengchuan 1.txt", "Hengchuan 2.txt", "Hengchuan 3.txt"):
            put(people.li, hers, name.encode(), name)
        groups = people.li.client.get("/alpha/search/?q=heng").json()["groups"]
        assert [item["label"] for item in groups[0]["items"]] == ["Hengchuan"] and len(groups[1]["items"]) == 3

    def test_the_text_of_a_document_is_shown_as_text(self, people, hers):
        file = put(people.li, hers, b"<html><p>bold <i>words</i> &lt;b&gt;", "page.html")
        read_content.function("alpha", None, content_id=file.content_id)
        page = people.li.client.get(f"/alpha/files/{file.pk}/preview/").content.decode()
        assert "bold words &lt;b&gt;" in page and "<i>words" not in page


class TestHandingOut:
    def get(self, people, file, **headers: str):
        return people.li.client.get(f"/alpha/files/{file.pk}/download/", headers={name.replace("_", "-"): value for name, value in headers.items()})

    @pytest.mark.parametrize(("raw", "told"), [(SVG, UNKNOWN), (b"<html><script>", UNKNOWN), (b"x", "text/plain")])
    def test_nothing_that_came_from_outside_runs_in_a_browser(self, people, hers, raw, told):
        answer = self.get(people, put(people.li, hers, raw, "picture.png"))
        assert bytes_of(answer) == raw
        assert answer["Content-Type"] == told
        assert answer["Content-Disposition"] == "attachment; filename=\"picture.png\"; filename*=UTF-8''picture.png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "private, no-cache"

    def test_a_drawing_that_calls_itself_a_picture_is_never_shown(self, people, hers):
        file = put(people.li, hers, SVG, "logo.png")
        assert people.li.client.get(f"/alpha/files/{file.pk}/picture/1-320/").status_code == 404
        assert "<img" not in people.li.client.get(f"/alpha/files/{file.pk}/preview/").content.decode()

    @pytest.mark.parametrize(
        ("asked", "status", "part", "told"),
        [
            ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
            ("bytes=8-", 206, b"89", "bytes 8-9/10"),
            ("bytes=-2", 206, b"89", "bytes 8-9/10"),
            ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
            ("bytes=10-", 416, b"", "bytes */10"),
            ("bytes=-0", 416, b"", "bytes */10"),
            ("bytes=3-1", 200, b"0123456789", None),
            ("bytes=0-1,4-5", 200, b"0123456789", None),
            ("lines=1-2", 200, b"0123456789", None),
        ],
    )
    def test_a_part_is_handed_out_where_it_is_asked_for(self, people, hers, asked, status, part, told):
        answer = self.get(people, put(people.li, hers, b"0123456789", "n.txt"), Range=asked)
        assert (answer.status_code, bytes_of(answer), answer.get("Content-Range")) == (status, part, told)

    def test_what_is_known_already_is_not_sent_again_but_asked_for_each_time(self, people, hers):
        file = put(people.li, hers, b"0123456789", "n.txt")
        etag = self.get(people, file)["ETag"]
        assert self.get(people, file, If_None_Match=etag).status_code == 304
        assert self.get(people, file, If_Range='"other"', Range="bytes=0-1").status_code == 200
        assert self.get(people, file, If_Range=etag, Range="bytes=0-1").status_code == 206

    def test_a_page_is_drawn_when_it_is_asked_for(self, people, hers):
        file = put(people.li, hers, pdf("one", "two"), "offer.pdf")
        answer = people.li.client.get(f"/alpha/files/{file.pk}/picture/2-1280/")
        assert (answer.status_code, answer["Content-Type"], answer.content[8:12]) == (200, "image/webp", b"WEBP")
        known = people.li.client.get(f"/alpha/files/{file.pk}/picture/2-1280/", headers={"If-None-Match": answer["ETag"]})
        assert known.status_code == 304
        for wrong in ("3-1280", "0-1280", "41-320"):
            assert people.li.client.get(f"/alpha/files/{file.pk}/picture/{wrong}/").status_code == 404, wrong


class TestTheApi:
    def send(self, who: Any, path: str, *files: tuple[str, bytes], key: str = "", **more: str) -> Any:
        headers = {"Authorization": f"Bearer {who.token}", "Idempotency-Key": key or uuid.uuid4().hex, "Accept-Language": "en"}
        return who.client.post(f"/api/alpha/{path}", {"file": [SimpleUploadedFile(n, raw) for n, raw in files], **more}, headers=headers)

    def test_a_file_is_attached_listed_fetched_replaced_and_removed(self, people, hers):
        base = f"customers/{hers.pk}/files"
        made = self.send(people.li, base, ("offer.txt", b"first"), description="signed", key="once")
        assert made.status_code == 201, words(made)
        file = made.json()
        assert (file["name"], file["description"], file["size"], file["media_type"], file["number"]) == ("offer.txt", "signed", 5, "text/plain", 1)
        again = self.send(people.li, base, ("offer.txt", b"first"), description="signed", key="once")
        assert (again.json()["id"], again["Idempotency-Replayed"]) == (file["id"], "true")
        assert [row["id"] for row in people.li.api("GET", f"alpha/{base}").json()["rows"]] == [file["id"]]
        one = f"{base}/{file['id']}"
        assert bytes_of(people.li.api("GET", f"alpha/{one}")) == b"first"
        assert self.send(people.li, one, ("x.txt", b"second")).json()["number"] == 2
        assert bytes_of(people.li.api("GET", f"alpha/{one}?version=1")) == b"first"
        assert people.li.api("DELETE", f"alpha/{one}").status_code == 204
        assert people.li.api("GET", f"alpha/{one}").status_code == 404

    def test_what_others_may_not_see_is_not_there(self, people, hers):
        file = put(people.li, hers, b"x", "x.txt")
        for method, path in (("GET", ""), ("GET", f"/{file.pk}"), ("DELETE", f"/{file.pk}")):
            assert people.wang.api(method, f"alpha/customers/{hers.pk}/files{path}").status_code == 404
        assert self.send(people.wang, f"customers/{hers.pk}/files", ("y.txt", b"y")).status_code == 404
        with in_set("alpha"):
            other = create_record(Party, {"name": "Other"}, actor=actor_of(people.li.member.pk)).result
        assert people.li.api("DELETE", f"alpha/customers/{other.pk}/files/{file.pk}").status_code == 404
        with in_set("alpha"):
            assert Attachment.objects.count() == 1

    def test_what_is_no_file_is_refused_in_words(self, people, hers):
        base = f"alpha/customers/{hers.pk}/files"
        assert people.li.api("POST", base, {"file": "text"}).status_code == 415
        assert self.send(people.li, f"customers/{hers.pk}/files").status_code == 400
        assert people.li.api("PUT", base).status_code == 405
        assert people.li.api("GET", f"{base}/1/2").status_code == 404
        assert people.li.api("POST", "alpha/files/attach_file", {"target_model": "parties.party"}).status_code == 404

    def test_the_description_names_the_addresses(self, people, hers):
        found = people.li.api("GET", "alpha/openapi.json").json()
        assert set(found["paths"]["/customers/{id}/files"]) == {"parameters", "get", "post"}
        assert list(found["paths"]["/customers/{id}/files"]["post"]["requestBody"]["content"]) == ["multipart/form-data"]
        assert "/files/{id}/files" not in found["paths"]
