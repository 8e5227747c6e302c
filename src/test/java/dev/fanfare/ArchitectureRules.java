package dev.fanfare;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import jakarta.inject.Inject;
import jakarta.persistence.Entity;
import jakarta.ws.rs.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.NullMarked;

/** The rules of the architecture, for the packages below a root: the product's, or that of the counter-examples. */
final class ArchitectureRules {
    /** The life of an event is read downwards in the documentation; imports go upwards only, in this order. */
    static final List<String> ORDER = List.of(
            "platform",
            "access",
            "cloudevents",
            "filter",
            "signing",
            "subscription",
            "event",
            "delivery",
            "fanout",
            "attempt",
            "ingest",
            "dispatch",
            "replay",
            "retention",
            "gitlab",
            "admin");

    private static final List<String> PURE = List.of("cloudevents", "filter", "signing");

    /** In platform, beside Tx: what works before or without the pool's transactions. */
    private static final Set<String> OPENS_CONNECTIONS = Set.of("Tx", "OwnConnection");

    private static final String[] DATABASE = {
        "java.sql..",
        "javax.sql..",
        "io.agroal..",
        "org.postgresql..",
        "jakarta.persistence..",
        "org.hibernate..",
        "io.quarkus.hibernate..",
        "io.quarkus.panache.."
    };

    private static final String[] HTTP_CLIENTS = {
        "java.net.http..", "io.vertx.core.http..", "io.vertx.ext.web.client..", "io.netty..", "jakarta.ws.rs.client.."
    };

    private final String root;

    ArchitectureRules(String root) {
        this.root = root;
    }

    /** Every rule by its name. */
    Map<String, ArchRule> all() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("packages_are_known", packagesAreKnown());
        rules.put("imports_follow_the_order", importsFollowTheOrder());
        rules.put("pure_packages_are_pure", purePackagesArePure());
        rules.put("attempt_has_no_database", attemptHasNoDatabase());
        rules.put("delivery_has_no_http_client", deliveryHasNoHttpClient());
        rules.put("connections_are_opened_by_tx", connectionsAreOpenedByTx());
        rules.put("time_is_injected", timeIsInjected());
        rules.put("names_say_something", namesSaySomething());
        rules.put("entities_stay_inside", entitiesStayInside());
        rules.put("packages_are_null_marked", packagesAreNullMarked());
        rules.put("constructors_inject", constructorsInject());
        rules.put("resources_hold_no_sql", resourcesHoldNoSql());
        return rules;
    }

    private ArchRule packagesAreKnown() {
        String[] known = ORDER.stream().map(this::below).toArray(String[]::new);
        return classes()
                .that(resideInAPackage(root + ".."))
                .should()
                .resideInAnyPackage(known)
                .orShould()
                .haveFullyQualifiedName(root + ".package-info")
                .because("each class belongs to a step of the life of an event");
    }

    private ArchRule importsFollowTheOrder() {
        List<ArchRule> steps = new ArrayList<>();
        for (int i = 0; i < ORDER.size() - 1; i++) {
            String[] later =
                    ORDER.subList(i + 1, ORDER.size()).stream().map(this::below).toArray(String[]::new);
            steps.add(noClasses()
                    .that()
                    .resideInAPackage(below(ORDER.get(i)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(later)
                    .allowEmptyShould(true));
        }
        return CompositeArchRule.of(steps).as("packages import only what stands before them in " + ORDER);
    }

    private ArchRule purePackagesArePure() {
        String[] pure = PURE.stream().map(this::below).toArray(String[]::new);
        DescribedPredicate<JavaClass> allowed = resideInAnyPackage(pure)
                .or(resideInAnyPackage(
                        "java..", "javax.crypto..", "io.cloudevents..", "com.fasterxml.jackson..", "org.jspecify.."))
                .or(describe("arrays of primitives", type -> type.getBaseComponentType()
                        .isPrimitive()));
        return noClasses()
                .that()
                .resideInAnyPackage(pure)
                .should()
                .dependOnClassesThat(not(allowed).or(resideInAnyPackage("java.sql..", "java.net.http..")))
                .because("what reads untrusted bytes or signs is tested without a framework");
    }

    private ArchRule attemptHasNoDatabase() {
        DescribedPredicate<JavaClass> database = resideInAnyPackage(DATABASE)
                .or(describe("Tx", type -> type.getName().equals(root + ".platform.Tx")));
        return noClasses()
                .that()
                .resideInAPackage(below("attempt"))
                .should()
                .dependOnClassesThat(database)
                .because("no transaction is open during HTTP");
    }

    private ArchRule deliveryHasNoHttpClient() {
        return noClasses()
                .that()
                .resideInAPackage(below("delivery"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(HTTP_CLIENTS)
                .because("queue and attempts meet in dispatch only");
    }

    private ArchRule connectionsAreOpenedByTx() {
        DescribedPredicate<JavaClass> opener = describe(
                "one of " + OPENS_CONNECTIONS + " in platform",
                type -> type.getPackageName().equals(root + ".platform")
                        && OPENS_CONNECTIONS.contains(outermost(type).getSimpleName()));
        DescribedPredicate<JavaAccess<?>> connection = describe(
                "a target named getConnection",
                access -> access.getTarget().getName().equals("getConnection"));
        return noClasses()
                .that(not(opener))
                .should()
                .accessTargetWhere(connection)
                .because("the pool commits what was left open when a connection is closed");
    }

    private ArchRule timeIsInjected() {
        DescribedPredicate<JavaAccess<?>> now = describe("the system's time", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getTarget().getName();
            return owner.isEquivalentTo(System.class) && name.equals("currentTimeMillis")
                    || owner.getPackageName().startsWith("java.time") && name.equals("now")
                    || owner.isEquivalentTo(InstantSource.class) && name.equals("system")
                    || owner.isEquivalentTo(Date.class) && name.equals("<init>");
        });
        return noClasses()
                .that()
                .resideOutsideOfPackage(below("platform"))
                .should()
                .accessTargetWhere(now)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .because("time is an injected InstantSource, so that a test can set it");
    }

    private ArchRule namesSaySomething() {
        return noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Util");
    }

    private ArchRule entitiesStayInside() {
        return methods()
                .that()
                .areDeclaredInClassesThat(annotatedWith(Path.class))
                .and()
                .areNotPrivate()
                .should(new ArchCondition<>("not have an entity in their signature") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        method.getAllInvolvedRawTypes().stream()
                                .filter(type -> type.isAnnotatedWith(Entity.class))
                                .forEach(type -> events.add(SimpleConditionEvent.violated(
                                        method, method.getFullName() + " shows the entity " + type.getName())));
                    }
                })
                .allowEmptyShould(true);
    }

    private ArchRule packagesAreNullMarked() {
        return classes().should(new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(
                            type, type.getName() + ": its package has no package-info with @NullMarked"));
                }
            }
        });
    }

    private ArchRule constructorsInject() {
        return noFields()
                .should()
                .beAnnotatedWith(Inject.class)
                .orShould()
                .beAnnotatedWith(ConfigProperty.class)
                .orShould()
                .beAnnotatedWith(jakarta.ws.rs.core.Context.class)
                .orShould()
                .beAnnotatedWith(jakarta.persistence.PersistenceContext.class)
                .allowEmptyShould(true);
    }

    private ArchRule resourcesHoldNoSql() {
        DescribedPredicate<JavaClass> resource =
                describe("resources", type -> outermost(type).isAnnotatedWith(Path.class));
        return noClasses()
                .that(resource)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(DATABASE)
                .allowEmptyShould(true)
                .because("statements live in stores, and queries of entities in their repository");
    }

    private String below(String name) {
        return root + "." + name + "..";
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureRules::outermost).orElse(type);
    }
}
