package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FanfareTestResource.class)
class OpenApiDocTest {
    private static final GeneratedPage PAGE = new GeneratedPage(Path.of("docs/openapi.yaml"), "---\n");

    @TestHTTPResource(value = "/openapi", management = true)
    URI openapi;

    @Test
    void the_page_is_what_the_running_server_says_of_itself() throws IOException {
        PAGE.mustBe(served().replaceFirst("^---\n", ""));
    }

    @Test
    void raw_routes_are_described_beside_rest_resources() {
        assertThat(served())
                .contains("operationId: publishEvents", "operationId: listEvents", "operationId: listDeliveries");
    }

    private String served() {
        return RestAssured.given()
                .accept("application/yaml")
                .get(openapi)
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }
}
