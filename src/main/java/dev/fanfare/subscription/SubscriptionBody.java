package dev.fanfare.subscription;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.signing.WebhookSecret;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What POST and PUT of a subscription bring.
 *
 * @param credentialGiven whether the body has {@code sinkcredential} at all: absent keeps it, null removes it
 * @param credential as the client wrote it, for encryption
 * @param active null: nothing said
 */
record SubscriptionBody(
        Configuration configuration,
        boolean credentialGiven,
        @Nullable ObjectNode credential,
        @Nullable WebhookSecret secret,
        @Nullable Boolean active) {

    private static final String[] READ_ONLY = {"id", "status", "createdat", "updatedat"};

    /**
     * Reads a body whole.
     *
     * @throws dev.fanfare.platform.ProblemException 400 with all faults and their pointers
     */
    static SubscriptionBody read(JsonObjectReader body, SinkGuard guard) {
        body.ignore(READ_ONLY);
        JsonObjectReader settings = body.object("protocolsettings");
        Configuration configuration = Configuration.read(body, settings);
        refuseForbiddenSink(body, configuration.sink(), guard);
        JsonObjectReader credential = body.object("sinkcredential");
        if (credential != null) {
            CredentialReader.read(credential);
        }
        WebhookSecret secret = settings == null ? null : secret(settings);
        Boolean active = body.flag("active");
        body.finish();
        return new SubscriptionBody(
                withoutSecrets(configuration),
                body.has("sinkcredential"),
                credential == null ? null : credential.copy(),
                secret,
                active);
    }

    static @Nullable WebhookSecret secret(JsonObjectReader reader) {
        String text = reader.text("secret", 200);
        if (text == null) {
            return null;
        }
        if (text.startsWith("whsk_") || text.startsWith("whpk_")) {
            reader.fault("secret", "notyet", "ed25519 comes later; use whsec_");
            return null;
        }
        try {
            return WebhookSecret.parse(text);
        } catch (IllegalArgumentException e) {
            reader.fault("secret", "invalid", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static void refuseForbiddenSink(JsonObjectReader body, String sink, SinkGuard guard) {
        if (!sink.isEmpty()) {
            guard.refusal(URI.create(sink)).ifPresent(reason -> body.fault("sink", "invalid", reason));
        }
    }

    private static Configuration withoutSecrets(Configuration read) {
        ObjectNode json = read.json();
        json.remove(List.of(READ_ONLY));
        json.remove(List.of("sinkcredential", "active"));
        if (json.get("protocolsettings") instanceof ObjectNode settings) {
            settings.remove("secret");
        }
        removeNulls(json);
        return read;
    }

    /** What is null counts as absent, so it is not kept either. */
    private static void removeNulls(ObjectNode json) {
        json.removeNulls();
        json.forEach(value -> {
            if (value instanceof ObjectNode inner) {
                removeNulls(inner);
            }
        });
    }
}
